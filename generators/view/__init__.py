"""An environment on the walls: views of it for where each camera stands, live."""
