// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/IModularFeature
#pragma once
class IModularFeature
{
};
