"""The material that hides what stands behind a performer: made by script, so that no binary asset is committed."""

import unreal

NAME = "M_CycloramaOcclusion"
_HIDES = "return (Matte > 0.5 && DepthM > 0.0 && DepthM * 100.0 < SceneCm) ? 0.0 : 1.0;"


def material(folder: str) -> bool:
    """A masked material: where the matte is on and the performer is nearer than the scene, the surface is cut away."""
    path = f"{folder}/{NAME}"
    assets = unreal.get_editor_subsystem(unreal.EditorAssetSubsystem)
    if assets.does_asset_exist(path):
        assets.delete_asset(path)
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    made = tools.create_asset(NAME, folder, unreal.Material, unreal.MaterialFactoryNew())
    if not isinstance(made, unreal.Material):
        unreal.log_error(f"Cyclorama: {path} could not be made: is the folder writable?")
        return False
    made.set_editor_property("blend_mode", unreal.BlendMode.BLEND_MASKED)
    editing = unreal.MaterialEditingLibrary
    matte = editing.create_material_expression(made, unreal.MaterialExpressionTextureSampleParameter2D, -800, -200)
    matte.set_editor_property("parameter_name", unreal.Name("Matte"))
    depth = editing.create_material_expression(made, unreal.MaterialExpressionTextureSampleParameter2D, -800, 100)
    depth.set_editor_property("parameter_name", unreal.Name("DepthM"))
    scene = editing.create_material_expression(made, unreal.MaterialExpressionSceneDepth, -800, 400)
    hides = editing.create_material_expression(made, unreal.MaterialExpressionCustom, -400, 0)
    hides.set_editor_property("code", _HIDES)
    hides.set_editor_property("inputs", [_input("Matte"), _input("DepthM"), _input("SceneCm")])
    for source, output, into in ((matte, "R", "Matte"), (depth, "R", "DepthM"), (scene, "", "SceneCm")):
        editing.connect_material_expressions(source, output, hides, into)
    editing.connect_material_property(hides, "", unreal.MaterialProperty.MP_OPACITY_MASK)
    editing.recompile_material(made)
    assets.save_asset(path)
    unreal.log(f"Cyclorama: {path}: set its textures Matte and DepthM from the Cyclorama picture component")
    return True


def _input(name: str) -> unreal.CustomInput:
    one = unreal.CustomInput()
    one.set_editor_property("input_name", unreal.Name(name))
    return one
