// The plugin's pictures, receiver, dialer and status, run without Unreal on the system's sockets.
//   receiver (true|false)   whether Recv returns true when it would have to wait: documentation does not say
//   a line of standard input: HOST HOLD_MS PORT NAME,NAME..., what the settings say from now on
// Says each 50 ms, as a line of JSON, the status and the pictures to show; when standard input ends, how it shut down.
#include "Running/System.h"

#include "Pictures/CycloramaPictureFeed.h"
#include "Pictures/CycloramaPictures.h"

#include <sstream>

namespace
{
	void ShowPictures(FCycloramaPictures& Pictures, int32 HoldMs)
	{
		const cyclorama::Moment Now{static_cast<std::int64_t>(FPlatformTime::Seconds() * 1e9), cyclorama::NO_LABEL, HoldMs * 1'000'000LL};
		for (int32 At = 0; At < Pictures.Num(); ++At)
		{
			FCycloramaPlace* Place = Pictures.Slot(At)->Frames.fetch(Now);
			if (Place != nullptr)
			{
				const std::string Name = StandInToUtf8(Pictures.Slot(At)->Name.Text);
				std::printf("{\"picture\": \"%s\", \"frame_id\": %llu, \"pixels\": \"", Name.c_str(), static_cast<unsigned long long>(Place->Picture.frame_id));
				for (const uint8 Pixel : Place->Pixels)
				{
					std::printf("%02x", Pixel);
				}
				std::printf("\"}\n");
			}
		}
	}

	FString Text(const std::string& Said)
	{
		return FString(StandInFromUtf8(Said.c_str()).c_str());
	}

	/** Host "-": pictures are not wanted. */
	FCycloramaPicturePlan Plan(const std::string& Line)
	{
		FCycloramaPicturePlan Plan;
		std::istringstream Words(Line);
		std::string Word;
		Words >> Word >> Plan.HoldMs >> Plan.Address.Port;
		Plan.bWanted = Word != "-";
		Plan.Address.Host = Text(Word);
		while (std::getline(Words >> std::ws, Word, ','))
		{
			Plan.Names.Add(Text(Word));
		}
		return Plan;
	}
}

int main(int, char** Words)
{
	bTrueWhenNothing = std::strcmp(Words[1], "true") == 0;
	{
		FCycloramaPictureFeed Feed;
		FCycloramaPicturePlan Wanted;
		std::setvbuf(stdin, nullptr, _IONBF, 0); // so that poll knows of every line
		pollfd Input{STDIN_FILENO, POLLIN, 0};
		for (char Line[1024] = "";;)
		{
			if (poll(&Input, 1, 50) != 0)
			{
				if (fgets(Line, sizeof(Line), stdin) == nullptr)
				{
					break;
				}
				Line[std::strcspn(Line, "\n")] = 0;
				Wanted = Plan(Line);
			}
			Feed.Follow(Wanted);
			if (FCycloramaPictures* Pictures = Feed.Pictures())
			{
				ShowPictures(*Pictures, Wanted.HoldMs);
			}
			std::printf("{\"status\": \"%s\"}\n", StandInToUtf8(Feed.Status().Text).c_str());
			std::fflush(stdout);
		}
		Feed.End();
	}
	std::printf("{\"sockets\": %d}\n", Open.load());
	return 0;
}
