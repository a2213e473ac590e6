"""What the walls show: something known along any ray."""
