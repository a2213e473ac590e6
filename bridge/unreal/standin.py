"""A stand-in for Unreal's Remote Control server, to try and to test without Unreal: HTTP and WebSocket on loopback.

Written from Epic's published message shapes, by itself: it shares no code with our codec, so that each is held against
the documents and not against the other. It knows objects with properties, presets, one level and a Take Recorder; it
can be told to answer errors, to say nothing, to hang up, to die. It draws nothing and is no proof about Unreal.
"""

import contextlib
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import unquote

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

PANEL, ABOUT = "/Engine/Transient.TakeRecorderPanel_0", "/Engine/Transient.TakeMetaData_0"
CONFIG = "/Game/Stage.Stage:PersistentLevel.nDisplay_1.CurrentConfigData_0"
ROUTES = ("info", "batch", "presets", "object/call", "object/property", "object/describe", "search/assets")
Reply = tuple[int, Any]
_QUIET = logging.getLogger("cyclorama.standin")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class World:
    """What this Unreal has, and everything it was asked."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.log: list[tuple[str, str, Any]] = []
        self.level, self.levels = "/Game/Maps/Empty", ["/Game/Maps/Empty", "/Game/Maps/Desert", "/Game/Maps/Street"]
        self.recording, self.takes = False, list[dict[str, Any]]()
        self.about: dict[str, Any] = {"slate": "", "number": 1, "description": ""}
        self.flashes: list[dict[str, Any]] = []
        camera = {
            "CameraSettings": {"bEnable": True, "CustomFrustum": {"bEnable": False, "FieldOfViewMultiplier": 1.0}}
        }
        grading = {"AutoExposureBias": 0.0, "bOverride_AutoExposureBias": False}
        cluster = {"bEnableEntireClusterColorGrading": False, "ColorGradingSettings": grading}
        self.objects: dict[str, dict[str, Any]] = {
            "/Game/Stage.Stage:PersistentLevel.nDisplay_1.camA": camera,
            "/Game/Stage.Stage:PersistentLevel.nDisplay_1": {"CurrentConfigData": CONFIG},
            CONFIG: {"StageSettings": {"EntireClusterColorGrading": cluster}},
        }
        self.presets: dict[str, dict[str, Any]] = {
            "Cyclorama": {"CycloramaExposure": 0.0, "CycloramaTimeOfDay": 12.0, "Sun Rotation": {"Pitch": -40.0}},
        }
        self.functions: dict[str, list[str]] = {"Cyclorama": ["CycloramaFlash"]}

    def asked(self) -> list[tuple[str, str, Any]]:
        """What came since the last time; forgotten with that."""
        with self.lock:
            said, self.log = self.log, []
        return said

    def reply(self, verb: str, path: str, body: Any) -> Reply:
        """What the server would answer."""
        with self.lock:
            self.log.append((verb, path, body))
            parts = [unquote(part) for part in path.strip("/").split("/")]
            match verb, parts:
                case "GET", ["remote", "info"]:
                    routes = [{"Path": f"/remote/{name}", "Verb": "Put", "Description": name} for name in ROUTES]
                    return 200, {"HttpRoutes": routes}
                case "GET", ["remote", "presets"]:
                    names = [{"Name": name, "Path": f"/Game/{name}.{name}", "ID": name} for name in self.presets]
                    return 200, {"Presets": names}
                case _, ["remote", "preset", name, *rest]:
                    return self._preset(verb, name, rest, body)
                case "PUT", ["remote", "object", "property"]:
                    return self._property({key.lower(): value for key, value in body.items()})
                case "PUT", ["remote", "object", "call"]:
                    return self._call(body["objectPath"], body["functionName"], body.get("parameters", {}))
                case "PUT", ["remote", "object", "describe"]:
                    return _described(body["objectPath"], self.objects.get(body["objectPath"]))
                case "PUT", ["remote", "search", "assets"]:
                    found = [level for level in self.levels if body["Query"].lower() in level.lower()]
                    return 200, {"Assets": [{"Name": p.rpartition("/")[2], "Class": "World", "Path": p} for p in found]}
                case "PUT", ["remote", "batch"]:
                    return 200, {"Responses": [self._of_batch(request) for request in body["Requests"]]}
                case _:
                    return 404, {"errorCode": "errors.com.epicgames.httpserver.route_handler_not_found"}

    def _of_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        status, body = self.reply(request["Verb"], request["URL"], request.get("Body"))
        return {"RequestId": request["RequestId"], "ResponseCode": status, "ResponseBody": body}

    def _preset(self, verb: str, name: str, rest: list[str], body: Any) -> Reply:
        fields = self.presets.get(name)
        if fields is None:
            return 404, {"errorMessage": f"Preset {name} could not be found."}
        match verb, rest:
            case "GET", []:
                return 200, {"Preset": _exposed(name, fields, self.functions.get(name, []))}
            case "GET", ["property", label] if label in fields:
                value = {"ObjectPath": f"/Game/{name}", "PropertyValue": fields[label]}
                return 200, {"PropertyValues": [value], "ExposedPropertyDescription": _label(label, fields[label])}
            case "PUT", ["property", label] if label in fields:
                old, new = fields[label], body["PropertyValue"]
                if isinstance(old, dict) != isinstance(new, dict):
                    return 400, {"errorMessage": f"Unable to deserialize the value of {label}."}
                fields[label] = {**old, **new} if isinstance(old, dict) else new
                return 200, None
            case "PUT", ["function", label] if label in self.functions.get(name, []):
                self.flashes.append(body["Parameters"])
                return 200, {"ReturnedValues": list[Any]()}
            case _:
                return 404, {"errorMessage": f"{rest[-1] if rest else ''} could not be found in preset {name}."}

    def _property(self, body: dict[str, Any]) -> Reply:
        found: Any = self.objects.get(body["objectpath"])
        if found is None:
            return _missing(body["objectpath"])
        *path, last = body["propertyname"].split(".")
        for name in path:
            found = found.get(name, {})
        if last not in found:
            return 400, {"errorMessage": f"Object property {body['propertyname']} could not be resolved."}
        if body["access"] == "READ_ACCESS":
            return 200, {last: found[last]}
        found[last] = body["propertyvalue"][last]
        return 200, None

    def _call(self, target: str, function: str, said: dict[str, Any]) -> Reply:
        match target.rpartition(".")[2], function:
            case "Default__TakeRecorderBlueprintLibrary", "OpenTakeRecorderPanel":
                return 200, {"ReturnValue": PANEL}
            case "Default__TakeRecorderBlueprintLibrary", "IsRecording":
                return 200, {"ReturnValue": self.recording}
            case "Default__TakeRecorderBlueprintLibrary", "StopRecording":
                self.recording = False
                return 200, {}
            case "TakeRecorderPanel_0", "GetTakeMetaData":
                return 200, {"ReturnValue": ABOUT}
            case "TakeRecorderPanel_0", "StartRecording":
                if not self.recording:
                    self.takes.append(dict(self.about))
                self.recording = True
                return 200, {}
            case "TakeMetaData_0", "SetSlate" | "SetTakeNumber" | "SetDescription":
                key = {"SetSlate": "slate", "SetTakeNumber": "number", "SetDescription": "description"}[function]
                self.about[key] = next(iter(said.values()))
                return 200, {}
            case "Default__UnrealEditorSubsystem", "GetEditorWorld":
                return 200, {"ReturnValue": f"{self.level}.{self.level.rpartition('/')[2]}"}
            case "Default__LevelEditorSubsystem", "LoadLevel":
                there = said["AssetPath"] in self.levels
                self.level = said["AssetPath"] if there else self.level
                return 200, {"ReturnValue": there}
            case _:
                return 400, {"errorMessage": f"Function {function} does not exist on object {target}."}


def _missing(path: str) -> Reply:
    return 400, {"errorMessage": f"Object {path} does not exist."}


def _kind(value: Any) -> str:
    names = {"bool": "bool", "float": "float", "int": "int32", "str": "FString"}
    return names.get(type(value).__name__, "FRotator")


def _label(label: str, value: Any) -> dict[str, Any]:
    inner: dict[str, Any] = {
        "Name": label,
        "Description": "",
        "Type": _kind(value),
        "ContainerType": "",
        "KeyType": "",
        "Metadata": {},
    }
    return {"DisplayName": label, "ID": label, "UnderlyingProperty": inner, "Metadata": {}, "OwnerObjects": []}


def _exposed(name: str, fields: dict[str, Any], functions: list[str]) -> dict[str, Any]:
    called = [{"DisplayName": label, "ID": label, "UnderlyingFunction": {"Name": label}} for label in functions]
    group: dict[str, Any] = {"Name": "Default", "ExposedActors": [], "ExposedFunctions": called}
    group["ExposedProperties"] = [_label(label, value) for label, value in fields.items()]
    return {"Name": name, "Path": f"/Game/{name}.{name}", "ID": name, "Groups": [group]}


def _described(path: str, known: dict[str, Any] | None) -> Reply:
    if known is None:
        return _missing(path)
    listed = [{"Name": name, "Type": _kind(value), "Description": ""} for name, value in known.items()]
    named = {"Name": path.rpartition(".")[2], "Class": "/Script/Engine.Actor"}
    return 200, {**named, "Properties": listed, "Functions": []}


class StandIn:
    """The two servers on ports of their own; what goes wrong is set from outside."""

    def __init__(self, http_port: int = 0, websocket_port: int = 0) -> None:
        self.world = World()
        self.fail_with: Reply | None = None
        """Answer everything with this."""
        self.raw: bytes | None = None
        """Answer everything with these bytes and status 200."""
        self.hang_up = 0
        """So many connections are dropped instead of an answer."""
        self.flowing = threading.Event()
        """While it is clear, nothing is answered."""
        self.flowing.set()
        self.followers: dict[ServerConnection, set[str]] = {}
        self.connections: set[Any] = set()
        self._ports = (http_port, websocket_port)
        self._open()

    def _open(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", self._ports[0]), _handler(self))
        self._http.daemon_threads = True
        self._websocket: Server = serve(self._serve, "127.0.0.1", self._ports[1], compression=None, logger=_QUIET)
        self._ports = (self._http.server_address[1], self._websocket.socket.getsockname()[1])
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        threading.Thread(target=self._websocket.serve_forever, daemon=True).start()

    @property
    def http_port(self) -> int:
        """Where HTTP is."""
        return self._ports[0]

    @property
    def websocket_port(self) -> int:
        """Where WebSocket is."""
        return self._ports[1]

    def change(self, preset: str, label: str, value: Any, *, binary: bool = False) -> None:
        """An artist moves a slider: who has registered hears of it."""
        with self.world.lock:
            self.world.presets[preset][label] = value
        field = {"PropertyLabel": label, "Id": label, "ObjectPath": f"/Game/{preset}", "PropertyValue": value}
        self.tell(
            preset, {"Type": "PresetFieldsChanged", "PresetName": preset, "ChangedFields": [field]}, binary=binary
        )

    def tell(self, preset: str, event: Any, *, binary: bool = False) -> None:
        """Send an event to the preset's followers."""
        text = event if isinstance(event, str) else json.dumps(event)
        for connection, presets in list(self.followers.items()):
            if preset in presets:
                with contextlib.suppress(ConnectionClosed):
                    connection.send(text.encode() if binary else text)

    def die(self) -> None:
        """As when Unreal crashes: every connection is cut, nobody listens."""
        self._http.shutdown()
        self._http.server_close()
        self._websocket.shutdown()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(2)
        for follower in list(self.followers):
            with contextlib.suppress(OSError):
                follower.socket.shutdown(2)
        self.flowing.set()

    def rise(self) -> None:
        """Start again on the same ports; the world is as it was."""
        self._open()

    def answer(self, verb: str, path: str, body: Any) -> Reply | None:
        """With what was set from outside; None is a connection dropped."""
        self.flowing.wait(30)
        with self.world.lock:
            if self.hang_up:
                self.hang_up -= 1
                self.world.log.append((verb, path, body))
                return None
            if self.fail_with:
                self.world.log.append((verb, path, body))
                return self.fail_with
        return self.world.reply(verb, path, body)

    def _serve(self, connection: ServerConnection) -> None:
        presets = self.followers.setdefault(connection, set())
        try:
            for frame in connection:
                self._said(connection, presets, json.loads(frame))
        except ConnectionClosed:
            pass
        finally:
            self.followers.pop(connection, None)

    def _said(self, connection: ServerConnection, presets: set[str], message: dict[str, Any]) -> None:
        parameters = cast("dict[str, Any]", message["Parameters"])
        if message["MessageName"] == "preset.register":
            presets.add(parameters["PresetName"])
        elif message["MessageName"] == "preset.unregister":
            presets.discard(parameters["PresetName"])
        elif message["MessageName"] == "http":
            reply = self.answer(parameters["Verb"], parameters["Url"], parameters.get("Body"))
            if reply is None:
                connection.socket.shutdown(2)
                return
            envelope = {
                "RequestId": parameters.get("RequestId", -1),
                "ResponseCode": reply[0],
                "ResponseBody": reply[1],
            }
            connection.send(json.dumps(envelope).encode())


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            standin.connections.add(self.connection)

        def do_GET(self) -> None:
            self._answer("GET")

        def do_PUT(self) -> None:
            self._answer("PUT")

        def _answer(self, verb: str) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = standin.answer(verb, self.path, json.loads(data) if data else None)
            if reply is None:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            status, body = reply
            said = b"" if body is None else json.dumps(body).encode()
            if standin.raw is not None:
                status, said = 200, standin.raw
            head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
            with contextlib.suppress(OSError):
                self.wfile.write(head.encode() + said)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Answers
