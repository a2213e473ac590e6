// A camera with its distortion, where the engine's LiveLinkLens plugin is: implemented by the module CycloramaLens.
#pragma once

#include "CoreMinimal.h"
#include "Features/IModularFeature.h"
#include "LiveLinkRole.h"
#include "LiveLinkTypes.h"
#include "Templates/SubclassOf.h"

struct FLiveLinkCameraFrameData;
struct FLiveLinkCameraStaticData;

/** Distortion as Live Link's lens role has it. */
struct FCycloramaDistortion
{
	/** k1 k2 k3 p1 p2 of the spherical model, undistorted to distorted; none: not known. */
	TArray<float> Parameters;
	/** Focal length over the sensor's width and height. */
	FVector2D FxFy = FVector2D(1.0, 1.0);
	/** 0..1 of the sensor, from the top left. */
	FVector2D PrincipalPoint = FVector2D(0.5, 0.5);
};

class ICycloramaLensRole : public IModularFeature
{
public:
	static FName FeatureName() { return FName(TEXT("CycloramaLensRole")); }

	virtual ~ICycloramaLensRole() = default;

	/** All of these are called on the receiving thread. */
	virtual TSubclassOf<ULiveLinkRole> Role() const = 0;
	virtual FLiveLinkStaticDataStruct MakeStatic(const FLiveLinkCameraStaticData& Camera) const = 0;
	virtual FLiveLinkFrameDataStruct MakeFrame(const FLiveLinkCameraFrameData& Camera, const FCycloramaDistortion& Distortion) const = 0;
};
