"""Files into the project, through whichever importers it has."""

from pathlib import Path
from typing import NamedTuple

import unreal

from cyclorama_stage.manifest import Environment
from cyclorama_stage.placing import AS_IT_IS, METRES, RAW_RDF, Placement

KNOWN: dict[str, Placement] = {
    "GaussianSplat": AS_IT_IS,
    "SplatAsset": RAW_RDF,
    "XV3dGS": AS_IT_IS,
    "NiagaraSystem": AS_IT_IS,
    "StaticMesh": AS_IT_IS,
}
"""Beginning of an asset's class -> how it is to be placed. None of these importers was at hand: where a place lies on
its side or is a hundredth of its size, correct the actor and tell us the class."""


class Imported(NamedTuple):
    """What became of a file."""

    asset: unreal.Object
    placement: Placement
    known: bool


def imported(path: Path, destination: str) -> Imported | None:
    """One file through the factory that the project has for it; None: it has none."""
    task = unreal.AssetImportTask()
    task.set_editor_property("filename", str(path))
    task.set_editor_property("destination_path", destination)
    task.set_editor_property("automated", True)
    task.set_editor_property("replace_existing", True)
    task.set_editor_property("save", True)
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    paths: list[str] = list(task.get_editor_property("imported_object_paths"))
    assets = unreal.get_editor_subsystem(unreal.EditorAssetSubsystem)
    found = [asset for asset in (assets.load_asset(one) for one in paths) if asset is not None]
    if not found:
        return None
    kind = found[0].get_class().get_name()
    for beginning, placement in KNOWN.items():
        if kind.startswith(beginning):
            return Imported(found[0], placement, True)
    return Imported(found[0], METRES, False)


def splats(environment: Environment, destination: str) -> Imported | None:
    """The first of an environment's splat files for which the project has an importer."""
    for path in environment.splats:
        made = imported(path, destination)
        if made is not None:
            if not made.known:
                unreal.log_warning(
                    f"Cyclorama: {path.name} became a {made.asset.get_class().get_name()}, which these scripts do not "
                    "know: look whether it stands upright and in its true size"
                )
            return made
    return None
