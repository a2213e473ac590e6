"""What an Unreal artist asks of a Cyclorama stage, as Python that runs inside the editor."""
