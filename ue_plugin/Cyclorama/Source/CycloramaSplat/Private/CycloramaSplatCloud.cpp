#include "CycloramaSplatCloud.h"

#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

using namespace cyclorama::splat;

namespace
{
	Unpacked Unpack(const TArray64<uint8>& Bytes, int32 Degree, FCycloramaSplatCloud& Cloud)
	{
		Header Header;
		const Fault Fault = read_header(Bytes.GetData(), static_cast<std::size_t>(Bytes.Num()), Header);
		if (Fault != Fault::none)
		{
			return Unpacked{Fault, 0};
		}
		Cloud.Frame = Header.frame;
		Cloud.White = Header.white;
		Cloud.Coefficients = coefficients_used(Header, Bytes.GetData(), static_cast<uint32>((Degree + 1) * (Degree + 1)));
		Cloud.Refused = refused_cloud(Header.splats, Cloud.Coefficients);
		if (Cloud.Refused != Refused::no)
		{
			return Unpacked{};
		}
		Cloud.Splats.SetNumUninitialized(static_cast<int32>(Header.splats));
		Cloud.Harmonics.SetNumUninitialized(static_cast<int32>(3 * Cloud.Coefficients * Header.splats));
		return unpack(Header, Bytes.GetData(), Cloud.Coefficients, Cloud.Splats.GetData(), Cloud.Harmonics.GetData());
	}
}

TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe> CycloramaSplatCloud::Load(const FString& Environment, int32 Degree)
{
	const TSharedRef<FCycloramaSplatCloud, ESPMode::ThreadSafe> Cloud = MakeShared<FCycloramaSplatCloud, ESPMode::ThreadSafe>();
	const FString File = FPaths::DirectoryExists(Environment) ? FPaths::Combine(Environment, TEXT("splats.ply")) : Environment;
	TArray64<uint8> Bytes;
	Cloud->bOpened = FFileHelper::LoadFileToArray(Bytes, *File);
	if (Cloud->bOpened)
	{
		Cloud->Read = Unpack(Bytes, FMath::Clamp(Degree, 0, 3), *Cloud);
	}
	return Cloud;
}
