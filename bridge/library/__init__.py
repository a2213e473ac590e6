"""Environments on this computer's disk: content-addressed folders that console, walls and makers share."""
