// The plugin's subjects, run without Unreal: messages in, one line of JSON for each push to Live Link.
//   subjects [lenses]   with cameras as lenses
//   a line of standard input: header and payload of a message, in hexadecimal
#include "Core/Router.h"
#include "ILiveLinkClient.h"
#include "LiveLink/CycloramaConvert.h"
#include "LiveLink/CycloramaSubjects.h"
#include "CycloramaLensRole.h"
#include "Roles/LiveLinkAnimationRole.h"
#include "Roles/LiveLinkAnimationTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkCameraRole.h"
#include "Roles/LiveLinkCameraTypes.h"
#include "Roles/LiveLinkTransformRole.h"
#include "Roles/LiveLinkTransformTypes.h"

#include <cstdio>
#include <cstdlib>

void UObject::ProcessEvent(UFunction*, void*) {}

namespace
{
	UClass Basic, Transform, Camera, Animation;

	template <typename T>
	UScriptStruct* StructOf()
	{
		static FStandInStruct Struct([]() -> std::shared_ptr<void> { return std::make_shared<T>(); });
		return &Struct;
	}

	const char* Separator = "";

	void Numbers(const char* Name, std::initializer_list<double> Values)
	{
		std::printf(", \"%s\": [", Name);
		Separator = "";
		for (const double Value : Values)
		{
			std::printf("%s%.17g", Separator, Value);
			Separator = ", ";
		}
		std::printf("]");
	}

	void Names(const char* Name, const TArray<FName>& Values)
	{
		std::printf(", \"%s\": [", Name);
		Separator = "";
		for (const FName& Value : Values)
		{
			std::printf("%s\"%s\"", Separator, StandInToUtf8(Value.Text).c_str());
			Separator = ", ";
		}
		std::printf("]");
	}

	void Pose(const FTransform& At)
	{
		const FQuat Q = At.GetRotation();
		const FVector P = At.GetTranslation();
		Numbers("rotation_xyzw", {Q.X, Q.Y, Q.Z, Q.W});
		Numbers("position_cm", {P.X, P.Y, P.Z});
	}

	class FClient final : public ILiveLinkClient
	{
	public:
		virtual FGuid AddSource(TSharedPtr<ILiveLinkSource>) override { return FGuid(); }
		virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey&) override {}

		virtual void PushSubjectStaticData_AnyThread(
			const FLiveLinkSubjectKey& Key, TSubclassOf<ULiveLinkRole> Role, FLiveLinkStaticDataStruct&& Data) override
		{
			Begin("static", Key);
			std::printf(", \"role\": \"%s\"", Role.Class == &Basic ? "basic" : Role.Class == &Transform ? "transform" : Role.Class == &Camera ? "camera" : "animation");
			if (const FLiveLinkCameraStaticData* One = Data.Cast<FLiveLinkCameraStaticData>())
			{
				Numbers("film_back_mm", {One->FilmBackWidth, One->FilmBackHeight});
				Names("properties", One->PropertyNames);
				Numbers("supported", {double(One->bIsFocalLengthSupported), double(One->bIsApertureSupported), double(One->bIsFocusDistanceSupported)});
			}
			else if (const FLiveLinkSkeletonStaticData* Skeleton = Data.Cast<FLiveLinkSkeletonStaticData>())
			{
				Names("bones", Skeleton->BoneNames);
				Names("properties", Skeleton->PropertyNames);
				std::printf(", \"parents\": [");
				Separator = "";
				for (const int32 Parent : Skeleton->BoneParents)
				{
					std::printf("%s%d", Separator, Parent);
					Separator = ", ";
				}
				std::printf("]");
			}
			else if (const FLiveLinkBaseStaticData* Face = Data.Cast<FLiveLinkBaseStaticData>())
			{
				Names("properties", Face->PropertyNames);
			}
			std::printf("}\n");
		}

		virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& Key, FLiveLinkFrameDataStruct&& Data) override
		{
			Begin("frame", Key);
			if (const FLiveLinkCameraFrameData* One = Data.Cast<FLiveLinkCameraFrameData>())
			{
				Pose(One->Transform);
				Numbers("lens", {One->FocalLength, One->Aperture, One->FocusDistance});
				Time(*One);
			}
			else if (const FLiveLinkAnimationFrameData* Body = Data.Cast<FLiveLinkAnimationFrameData>())
			{
				std::printf(", \"bones\": [");
				const char* Comma = "";
				for (const FTransform& Bone : Body->Transforms)
				{
					std::printf("%s{\"bone\": 0", Comma);
					Pose(Bone);
					std::printf("}");
					Comma = ", ";
				}
				std::printf("]");
				Time(*Body);
			}
			else if (const FLiveLinkTransformFrameData* Head = Data.Cast<FLiveLinkTransformFrameData>())
			{
				Pose(Head->Transform);
				Time(*Head);
			}
			else if (const FLiveLinkBaseFrameData* Face = Data.Cast<FLiveLinkBaseFrameData>())
			{
				Time(*Face);
			}
			std::printf("}\n");
		}

	private:
		static void Begin(const char* What, const FLiveLinkSubjectKey& Key)
		{
			std::printf("{\"push\": \"%s\", \"subject\": \"%s\"", What, StandInToUtf8(Key.SubjectName.Name.Text).c_str());
		}

		static void Time(const FLiveLinkBaseFrameData& Frame)
		{
			const FTimecode& Code = Frame.MetaData.SceneTime.Said;
			const FFrameRate& Rate = Frame.MetaData.SceneTime.Rate;
			Numbers("world_s", {Frame.WorldTime.GetSourceTime(), Frame.WorldTime.GetOffsettedTime()});
			Numbers("timecode", {double(Code.Hours), double(Code.Minutes), double(Code.Seconds), double(Code.Frames), double(Code.bDropFrameFormat)});
			Numbers("rate", {double(Rate.Numerator), double(Rate.Denominator)});
			std::printf(", \"values\": [");
			Separator = "";
			for (const float Value : Frame.PropertyValues)
			{
				std::printf("%s%.9g", Separator, double(Value));
				Separator = ", ";
			}
			std::printf("]");
		}
	};

	/** As the module CycloramaLens, but that the parameters are values of the camera, so that they are said. */
	class FLensRole final : public ICycloramaLensRole
	{
	public:
		virtual TSubclassOf<ULiveLinkRole> Role() const override { return &Camera; }
		virtual FLiveLinkStaticDataStruct MakeStatic(const FLiveLinkCameraStaticData& Said) const override
		{
			FLiveLinkStaticDataStruct Data(FLiveLinkCameraStaticData::StaticStruct());
			*Data.Cast<FLiveLinkCameraStaticData>() = Said;
			return Data;
		}
		virtual FLiveLinkFrameDataStruct MakeFrame(const FLiveLinkCameraFrameData& Said, const FCycloramaDistortion& Distortion) const override
		{
			FLiveLinkFrameDataStruct Data(FLiveLinkCameraFrameData::StaticStruct());
			FLiveLinkCameraFrameData& Frame = *Data.Cast<FLiveLinkCameraFrameData>();
			Frame = Said;
			Frame.PropertyValues = Distortion.Parameters;
			return Data;
		}
	};

	/** Every message arrives 10 ms after the one before. */
	std::int64_t Now() noexcept
	{
		static std::int64_t NowNs = 100'000'000'000;
		return NowNs += 10'000'000;
	}

	void Hear(cyclorama::Router& Router, std::size_t Part, const char* Hex)
	{
		const std::size_t Count = std::strlen(Hex) / 2;
		unsigned char* Into = static_cast<unsigned char*>(Router.room(Part, Count));
		for (std::size_t At = 0; Into != nullptr && At < Count; ++At)
		{
			const char Two[3] = {Hex[2 * At], Hex[2 * At + 1], 0};
			Into[At] = static_cast<unsigned char>(std::strtoul(Two, nullptr, 16));
		}
	}
}

UClass* ULiveLinkBasicRole::StaticClass() { return &Basic; }
UClass* ULiveLinkTransformRole::StaticClass() { return &Transform; }
UClass* ULiveLinkCameraRole::StaticClass() { return &Camera; }
UClass* ULiveLinkAnimationRole::StaticClass() { return &Animation; }
UScriptStruct* FLiveLinkBaseStaticData::StaticStruct() { return StructOf<FLiveLinkBaseStaticData>(); }
UScriptStruct* FLiveLinkBaseFrameData::StaticStruct() { return StructOf<FLiveLinkBaseFrameData>(); }
UScriptStruct* FLiveLinkTransformStaticData::StaticStruct() { return StructOf<FLiveLinkTransformStaticData>(); }
UScriptStruct* FLiveLinkTransformFrameData::StaticStruct() { return StructOf<FLiveLinkTransformFrameData>(); }
UScriptStruct* FLiveLinkCameraStaticData::StaticStruct() { return StructOf<FLiveLinkCameraStaticData>(); }
UScriptStruct* FLiveLinkCameraFrameData::StaticStruct() { return StructOf<FLiveLinkCameraFrameData>(); }
UScriptStruct* FLiveLinkSkeletonStaticData::StaticStruct() { return StructOf<FLiveLinkSkeletonStaticData>(); }
UScriptStruct* FLiveLinkAnimationFrameData::StaticStruct() { return StructOf<FLiveLinkAnimationFrameData>(); }

int main(int Count, char**)
{
	FClient Client;
	const FLensRole LensRole;
	FCycloramaWishes Wishes;
	Wishes.Lenses = Count > 1 ? &LensRole : nullptr;
	FCycloramaSubjects Subjects(Client, FGuid(), Wishes);
	const auto Router = std::make_unique<cyclorama::Router>(Subjects, &Now);
	Subjects.Follow(Router->clock());
	static char Header[1024];
	static char Payload[1 << 20];
	while (std::scanf("%1023s %1048575s", Header, Payload) == 2)
	{
		Hear(*Router, 0, "");
		Hear(*Router, 1, Header);
		Hear(*Router, 2, Payload);
		Router->whole(3);
		const FCycloramaTrouble Trouble = Subjects.Trouble();
		std::printf("{\"push\": \"none\", \"trouble\": [%d, %d, %d, %d], \"lens\": [%d, %d]}\n", Trouble.Lost, Trouble.Stale, Trouble.Frozen,
			Trouble.WithoutSkeleton, Trouble.LensMissTenthsPx, static_cast<int>(Trouble.bLensUnknown));
		std::fflush(stdout);
	}
	return 0;
}
