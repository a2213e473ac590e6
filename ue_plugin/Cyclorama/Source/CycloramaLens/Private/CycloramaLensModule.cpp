// Live Link's lens role for our cameras. A module of its own, so that the plugin loads where LiveLinkLens is not.
#include "CoreMinimal.h"
#include "CycloramaLensRole.h"
#include "Features/IModularFeatures.h"
#include "LiveLinkLensRole.h"
#include "LiveLinkLensTypes.h"
#include "Modules/ModuleManager.h"

namespace
{
	class FCycloramaLensRole final : public ICycloramaLensRole
	{
	public:
		virtual TSubclassOf<ULiveLinkRole> Role() const override { return ULiveLinkLensRole::StaticClass(); }

		virtual FLiveLinkStaticDataStruct MakeStatic(const FLiveLinkCameraStaticData& Camera) const override
		{
			FLiveLinkStaticDataStruct Data(FLiveLinkLensStaticData::StaticStruct());
			FLiveLinkLensStaticData& Lens = *Data.Cast<FLiveLinkLensStaticData>();
			static_cast<FLiveLinkCameraStaticData&>(Lens) = Camera;
			Lens.LensModel = FName(TEXT("Spherical Lens Model"));
			return Data;
		}

		virtual FLiveLinkFrameDataStruct MakeFrame(const FLiveLinkCameraFrameData& Camera, const FCycloramaDistortion& Distortion) const override
		{
			FLiveLinkFrameDataStruct Data(FLiveLinkLensFrameData::StaticStruct());
			FLiveLinkLensFrameData& Lens = *Data.Cast<FLiveLinkLensFrameData>();
			static_cast<FLiveLinkCameraFrameData&>(Lens) = Camera;
			Lens.DistortionParameters = Distortion.Parameters;
			Lens.FxFy = Distortion.FxFy;
			Lens.PrincipalPoint = Distortion.PrincipalPoint;
			return Data;
		}
	};
}

class FCycloramaLensModule final : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		IModularFeatures::Get().RegisterModularFeature(ICycloramaLensRole::FeatureName(), &LensRole);
	}

	virtual void ShutdownModule() override
	{
		IModularFeatures::Get().UnregisterModularFeature(ICycloramaLensRole::FeatureName(), &LensRole);
	}

private:
	FCycloramaLensRole LensRole;
};

IMPLEMENT_MODULE(FCycloramaLensModule, CycloramaLens)
