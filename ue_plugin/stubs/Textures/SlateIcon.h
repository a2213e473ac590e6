// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/SlateCore/FSlateIcon
#pragma once
struct FSlateIcon
{
};
