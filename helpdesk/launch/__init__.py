"""How the desk is set up, started and tested. Only the standard library until the packages are installed."""
