"""What Automated ML, and other searches, have tried: while they run, and afterwards."""
