"""Cameras that follow Live Link subjects."""

import unreal


def followers(subject: str) -> unreal.Actor | None:
    """The camera in the level that follows a subject, if there is one."""
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    return next((actor for actor in actors if actor.get_actor_label() == label(subject)), None)


def label(subject: str) -> str:
    """What a camera of a subject is called in the outliner."""
    return f"Cyclorama {subject}"


def camera(subject: str) -> bool:
    """A CineCamera with a Live Link controller of this subject, in camera role; once for each subject."""
    if followers(subject) is not None:
        unreal.log(f"Cyclorama: {label(subject)} is there")
        return True
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actor = actors.spawn_actor_from_class(unreal.CineCameraActor, unreal.Vector(0.0, 0.0, 160.0), unreal.Rotator())
    actor.set_actor_label(label(subject))
    controller = unreal.LiveLinkComponentController
    component = actor.add_component_by_class(controller, False, unreal.Transform(), False)
    if component is None:
        unreal.log_error("Cyclorama: Live Link is not enabled here: Edit > Plugins > Live Link, then restart")
        actors.destroy_actor(actor)
        return False
    representation = unreal.LiveLinkSubjectRepresentation()
    representation.set_editor_property("subject", unreal.LiveLinkSubjectName(unreal.Name(subject)))
    representation.set_editor_property("role", unreal.LiveLinkCameraRole)
    component.set_editor_property("subject_representation", representation)
    unreal.log(f"Cyclorama: {label(subject)} follows the Live Link subject {subject}")
    return True
