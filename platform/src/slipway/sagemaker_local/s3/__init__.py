"""S3 as a folder of files with a catalogue beside it."""
