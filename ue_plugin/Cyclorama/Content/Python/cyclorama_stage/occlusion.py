"""The material that hides what stands behind a performer: made by script, so that no binary asset is committed."""

from collections.abc import Iterable

import unreal

NAME = "M_CycloramaOcclusion"
_HIDES = "return (Matte > 0.5 && DepthM > 0.0 && DepthM * 100.0 < SurfaceCm) ? 0.0 : 1.0;"
_NOTHING = "/Engine/EngineResources/Black"
"""Until a picture comes nothing is hidden; the parameter's own default is a pattern, which would cut holes."""

Wire = tuple[unreal.MaterialExpression, str, unreal.MaterialExpression, str]


def material(folder: str) -> bool:
    """A masked material: where the matte is on and the performer is nearer than the surface, the surface is cut away.

    Matte and depth are the camera's own view, so they are laid over the picture, not over the surface. One that is
    there is made anew in its place: what wears it keeps it.
    """
    made = _empty(folder)
    if made is None:
        unreal.log_error(f"Cyclorama: {folder}/{NAME} could not be made: is the folder writable?")
        return False
    made.set_editor_property("blend_mode", unreal.BlendMode.BLEND_MASKED)
    editing = unreal.MaterialEditingLibrary
    screen = editing.create_material_expression(made, unreal.MaterialExpressionScreenPosition, -1200, 0)
    matte, depth = _picture(made, "Matte", -200), _picture(made, "DepthM", 100)
    surface = editing.create_material_expression(made, unreal.MaterialExpressionPixelDepth, -800, 400)
    hides = editing.create_material_expression(made, unreal.MaterialExpressionCustom, -400, 0)
    hides.set_editor_property("code", _HIDES)
    hides.set_editor_property("inputs", [_input("Matte"), _input("DepthM"), _input("SurfaceCm")])
    first = ""
    wires: tuple[Wire, ...] = (
        (screen, first, matte, first),
        (screen, first, depth, first),
        (matte, "R", hides, "Matte"),
        (depth, "R", hides, "DepthM"),
        (surface, first, hides, "SurfaceCm"),
    )
    if not _connected(wires) or not editing.connect_material_property(
        hides, first, unreal.MaterialProperty.MP_OPACITY_MASK
    ):
        unreal.log_error(f"Cyclorama: {folder}/{NAME} could not be wired: here Unreal names its pins otherwise")
        return False
    editing.recompile_material(made)
    unreal.get_editor_subsystem(unreal.EditorAssetSubsystem).save_asset(f"{folder}/{NAME}")
    unreal.log(
        f"Cyclorama: {folder}/{NAME}: put it on what a performer may stand in front of, and on its actor a Cyclorama "
        "Picture component that shows your matte in Matte and your depth in DepthM"
    )
    return True


def _empty(folder: str) -> unreal.Material | None:
    """The material, with nothing in it."""
    assets = unreal.get_editor_subsystem(unreal.EditorAssetSubsystem)
    if assets.does_asset_exist(f"{folder}/{NAME}"):
        there = assets.load_asset(f"{folder}/{NAME}")
        if isinstance(there, unreal.Material):
            unreal.MaterialEditingLibrary.delete_all_material_expressions(there)
            return there
        return None
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    made = tools.create_asset(NAME, folder, unreal.Material, unreal.MaterialFactoryNew())
    return made if isinstance(made, unreal.Material) else None


def _picture(made: unreal.Material, name: str, at: int) -> unreal.MaterialExpression:
    """A parameter that a Cyclorama Picture component sets; black until it does."""
    kind = unreal.MaterialExpressionTextureSampleParameter2D
    one = unreal.MaterialEditingLibrary.create_material_expression(made, kind, -800, at)
    one.set_editor_property("parameter_name", unreal.Name(name))
    one.set_editor_property("texture", unreal.get_editor_subsystem(unreal.EditorAssetSubsystem).load_asset(_NOTHING))
    return one


def _connected(wires: Iterable[Wire]) -> bool:
    return all(unreal.MaterialEditingLibrary.connect_material_expressions(*wire) for wire in wires)


def _input(name: str) -> unreal.CustomInput:
    one = unreal.CustomInput()
    one.set_editor_property("input_name", unreal.Name(name))
    return one
