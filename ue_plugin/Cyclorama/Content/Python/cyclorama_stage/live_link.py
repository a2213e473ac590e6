"""Cameras that follow Live Link subjects."""

from typing import Any

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
    kind: type[unreal.ActorComponent] | None = getattr(unreal, "LiveLinkComponentController", None)
    if kind is None:
        unreal.log_error("Cyclorama: Live Link is not enabled here: Edit > Plugins > Live Link, then restart")
        return False
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actor = actors.spawn_actor_from_class(unreal.CineCameraActor, unreal.Vector(0.0, 0.0, 160.0), unreal.Rotator())
    actor.set_actor_label(label(subject))
    component = _added(actor, kind)
    if component is None:
        unreal.log_error(f"Cyclorama: {label(subject)} could not be given a Live Link controller: add it by hand")
        actors.destroy_actor(actor)
        return False
    representation = unreal.LiveLinkSubjectRepresentation()
    representation.set_editor_property("subject", unreal.LiveLinkSubjectName(unreal.Name(subject)))
    representation.set_editor_property("role", unreal.LiveLinkCameraRole)
    component.subject_representation = representation  # its setter makes the controller of the role, too
    unreal.log(f"Cyclorama: {label(subject)} follows the Live Link subject {subject}")
    return True


def _added(actor: unreal.Actor, kind: type[unreal.ActorComponent]) -> Any:
    """A new component of an actor in the level, as the Add button of its details makes one: in Python Actor has no
    method for that. None: Unreal refused."""
    subobjects = unreal.get_engine_subsystem(unreal.SubobjectDataSubsystem)
    handles = subobjects.k2_gather_subobject_data_for_instance(actor)
    if not handles:
        return None
    wanted = unreal.AddNewSubobjectParams()
    wanted.set_editor_property("parent_handle", handles[0])
    wanted.set_editor_property("new_class", kind)
    subobjects.add_new_subobject(wanted)
    return next(iter(actor.get_components_by_class(kind)), None)
