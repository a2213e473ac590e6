// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FlushRenderingCommands
#pragma once
void FlushRenderingCommands();
