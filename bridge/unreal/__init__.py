"""Stock Unreal's Remote Control: what the stage is set to is told to Unreal, and what Unreal says to the stage."""
