// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FTimespan/FromMilliseconds
#pragma once
struct FTimespan
{
	static FTimespan FromMilliseconds(double Milliseconds);
	static FTimespan Zero();
};
