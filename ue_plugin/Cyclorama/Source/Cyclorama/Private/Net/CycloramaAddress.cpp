#include "Net/CycloramaAddress.h"

#include "Core/Place.h"
#include "CycloramaSettings.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

namespace
{
	FText Words(const char* Sentence)
	{
		return FText::FromString(FString(UTF8_TO_TCHAR(Sentence)));
	}

	/** What the text does not say is taken from `Otherwise`. */
	FCycloramaAddress Read(const FString& Text, const FCycloramaAddress& Otherwise)
	{
		cyclorama::Place Place;
		const FTCHARToUTF8 Bytes(*Text);
		const cyclorama::Misplaced Fault = cyclorama::read_place(Bytes.Get(), Place);
		FCycloramaAddress Address;
		if (Fault != cyclorama::Misplaced::none)
		{
			Address.Host = Text;
			Address.Fault = FText::Format(LOCTEXT("Misplaced", "\"{0}\": {1}"), FText::FromString(Text), Words(cyclorama::describe(Fault)));
			return Address;
		}
		Address.Host = Place.host[0] != 0 ? FString(UTF8_TO_TCHAR(Place.host)) : Otherwise.Host;
		Address.Port = Place.port != 0 ? Place.port : Otherwise.Port;
		return Address;
	}
}

bool FCycloramaAddress::IsSame(const FCycloramaAddress& Other) const
{
	return Host.Equals(Other.Host, ESearchCase::CaseSensitive) && Port == Other.Port && IsValid() == Other.IsValid();
}

FText FCycloramaAddress::Place() const
{
	int32 Colon = 0;
	const bool bIpv6 = Host.FindChar(TEXT(':'), Colon);
	return FText::FromString(bIpv6 ? FString::Printf(TEXT("[%s]:%d"), *Host, Port) : FString::Printf(TEXT("%s:%d"), *Host, Port));
}

FCycloramaAddress CycloramaAddress::Of(const UCycloramaSettings& Settings)
{
	FCycloramaAddress Otherwise;
	Otherwise.Host = TEXT("127.0.0.1");
	Otherwise.Port = Settings.Port;
	return Read(Settings.Host, Otherwise);
}

FCycloramaAddress CycloramaAddress::Of(const FString& Connection, const UCycloramaSettings& Settings)
{
	const FCycloramaAddress Otherwise = Of(Settings);
	return Connection.TrimStartAndEnd().IsEmpty() ? Otherwise : Read(Connection, Otherwise);
}

FCycloramaAddress CycloramaAddress::OfPictures(const UCycloramaSettings& Settings)
{
	FCycloramaAddress Address = Of(Settings);
	++Address.Port;
	return Address;
}

#undef LOCTEXT_NAMESPACE
