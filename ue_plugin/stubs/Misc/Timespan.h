// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FTimespan/FromMilliseconds
#pragma once
struct FTimespan
{
	static FTimespan FromMilliseconds(double Milliseconds) { return FTimespan{Milliseconds}; }
	static FTimespan Zero() { return FTimespan{0.0}; }
	double GetTotalMilliseconds() const { return Said; }
	double Said;
};
