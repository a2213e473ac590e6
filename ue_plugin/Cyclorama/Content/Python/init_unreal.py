"""Run by Unreal when the editor starts: says where the stage's tools are, and nothing else."""

import unreal

unreal.log(
    "Cyclorama: in the Python console, `from cyclorama_stage import stage` and `stage.tools()` "
    "set up environments, Live Link cameras and the inner frustum"
)
