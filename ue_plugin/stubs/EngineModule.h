// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/GetRendererModule?application_version=5.4
#pragma once
class IRendererModule;
IRendererModule& GetRendererModule();
