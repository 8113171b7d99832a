"""Who may ask: signatures, and the doors that browsers find closed."""
