// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/LiveLinkInterface/Roles/FLiveLinkCameraStaticData?application_version=5.5 and, for what came with 5.6,
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkCameraStaticData
#pragma once
#include "Roles/LiveLinkTransformTypes.h"
struct FLiveLinkCameraStaticData : public FLiveLinkTransformStaticData
{
	bool bIsFieldOfViewSupported = false;
	bool bIsAspectRatioSupported = false;
	bool bIsFocalLengthSupported = false;
	bool bIsProjectionModeSupported = false;
	float FilmBackWidth = -1.0f;
	float FilmBackHeight = -1.0f;
	bool bIsApertureSupported = false;
	bool bIsFocusDistanceSupported = false;
	bool bIsDepthOfFieldSupported = true;
#if ENGINE_MINOR_VERSION >= 6
	bool bIsDynamicFilmbackSupported = false;
#endif
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkCameraFrameData : public FLiveLinkTransformFrameData
{
	float FieldOfView = 90.0f;
	float AspectRatio = 1.777778f;
	float FocalLength = 50.0f;
	float Aperture = 2.8f;
	float FocusDistance = 100000.0f;
#if ENGINE_MINOR_VERSION >= 6
	float FilmBackWidth = -1.0f;
	float FilmBackHeight = -1.0f;
#endif
	static UScriptStruct* StaticStruct();
};
