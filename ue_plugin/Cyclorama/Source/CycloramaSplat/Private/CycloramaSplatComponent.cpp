#include "CycloramaSplatComponent.h"

#include "Async/Async.h"
#include "CycloramaSplatCloud.h"
#include "CycloramaSplatSubsystem.h"
#include "Engine/World.h"

#define LOCTEXT_NAMESPACE "CycloramaSplat"

using namespace cyclorama::splat;

namespace
{
	FText TextOf(const char* Words)
	{
		return FText::FromString(FString(UTF8_TO_TCHAR(Words)));
	}
}

UCycloramaSplatComponent::UCycloramaSplatComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	bTickInEditor = true;
	Told = MakeShared<FCycloramaSplatTold, ESPMode::ThreadSafe>();
}

void UCycloramaSplatComponent::OnRegister()
{
	USceneComponent::OnRegister();
	UWorld* World = GetWorld();
	UCycloramaSplatSubsystem* Subsystem = World != nullptr ? World->GetSubsystem<UCycloramaSplatSubsystem>() : nullptr;
	if (Subsystem != nullptr)
	{
		Subsystem->Add(this);
	}
	if (!Environment.IsEmpty() && (Asked != Environment || AskedDegree != HarmonicsDegree))
	{
		Load(Environment);
	}
}

void UCycloramaSplatComponent::OnUnregister()
{
	UWorld* World = GetWorld();
	UCycloramaSplatSubsystem* Subsystem = World != nullptr ? World->GetSubsystem<UCycloramaSplatSubsystem>() : nullptr;
	if (Subsystem != nullptr)
	{
		Subsystem->Remove(this);
	}
	USceneComponent::OnUnregister();
}

void UCycloramaSplatComponent::Load(const FString& NewEnvironment)
{
	Environment = NewEnvironment;
	Asked = NewEnvironment;
	AskedDegree = HarmonicsDegree;
	// By value: the component may be gone before the file is read.
	const FString Path = NewEnvironment;
	const int32 Degree = HarmonicsDegree;
	Loading = Async(EAsyncExecution::Thread, [Path, Degree]() { return CycloramaSplatCloud::Load(Path, Degree); });
}

void UCycloramaSplatComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	USceneComponent::TickComponent(DeltaTime, TickType, ThisTickFunction);
	if (Loading.IsValid() && Loading.IsReady())
	{
		Cloud = Loading.Get();
		Loading.Reset();
	}
}

bool UCycloramaSplatComponent::IsPlacedAlike() const
{
	const FVector Scale = GetComponentTransform().GetScale3D();
	return Scale.X > 0.0 && FMath::Abs(Scale.Y - Scale.X) < 1e-4 * Scale.X && FMath::Abs(Scale.Z - Scale.X) < 1e-4 * Scale.X;
}

bool UCycloramaSplatComponent::Show(FCycloramaSplatShown& Shown) const
{
	if (!Cloud.IsValid() || !Cloud->IsGood() || !IsVisible() || !IsPlacedAlike())
	{
		return false;
	}
	const FTransform& Transform = GetComponentTransform();
	const FQuat Rotation = Transform.GetRotation();
	const FVector Translation = Transform.GetTranslation();
	Shown.Cloud = Cloud;
	Shown.Told = Told;
	Shown.Placement = Placement{{Rotation.X, Rotation.Y, Rotation.Z, Rotation.W}, {Translation.X, Translation.Y, Translation.Z}, Transform.GetScale3D().X};
	Shown.Light = Cloud->White * FMath::Pow(2.0f, ExposureEv);
	Shown.bAntialiased = bAntialiased;
	return true;
}

FText UCycloramaSplatComponent::GetSplatStatus() const
{
	if (!Cloud.IsValid())
	{
		return Loading.IsValid() ? LOCTEXT("Reading", "Reading the environment") : LOCTEXT("None", "No environment is named");
	}
	if (!Cloud->bOpened)
	{
		return FText::Format(LOCTEXT("NoFile", "There is no such environment on this machine: {0}"), FText::FromString(Asked));
	}
	if (Cloud->Read.fault != Fault::none)
	{
		return FText::Format(
			LOCTEXT("BadFile", "The file cannot be shown, splat {0}: {1}"), FText::AsNumber(Cloud->Read.splat), TextOf(words(Cloud->Read.fault)));
	}
	const Refused Refused = Cloud->Refused != Refused::no ? Cloud->Refused : Told->Refused.load(std::memory_order_relaxed);
	if (Refused != Refused::no)
	{
		return FText::Format(LOCTEXT("Refused", "Not drawn: {0}"), TextOf(words(Refused)));
	}
	if (!IsPlacedAlike())
	{
		return LOCTEXT("Skewed", "Not drawn: an environment is scaled alike along all axes, and not mirrored");
	}
	if (Told->bNoPerspective.load(std::memory_order_relaxed))
	{
		return LOCTEXT("Flat", "Not drawn in a view without perspective");
	}
	const uint32 Wanted = Told->PairsWanted.load(std::memory_order_relaxed);
	const uint32 Room = Told->PairsRoom.load(std::memory_order_relaxed);
	if (Wanted > Room)
	{
		return FText::Format(
			LOCTEXT("Full", "The farthest splats are left out: {0} pairs of splat and tile, room for {1}. Take a coarser level"), FText::AsNumber(Wanted),
			FText::AsNumber(Room));
	}
	return FText::Format(LOCTEXT("Shown", "{0} splats"), FText::AsNumber(Cloud->Splats.Num()));
}

#undef LOCTEXT_NAMESPACE
