// The splats' painter and passes, run: a file, an engine's view, pictures one after the other; what would be dispatched is printed.
//
//   splats FOLDER  < 32 numbers of the two matrices, 4 of the rectangle, and for each picture after the first the two that the
//   device has for the last one.
#include "CycloramaSplatCloud.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"
#include "RHIStaticStates.h"
#include "Rendering/CycloramaSplatPainter.h"
#include "SceneView.h"

#include <cinttypes>
#include <cstdio>
#include <string>

bool FFileHelper::LoadFileToArray(TArray64<uint8>& Result, const TCHAR* Filename, uint32)
{
	std::FILE* Stream = std::fopen(StandInToUtf8(Filename).c_str(), "rb");
	if (Stream == nullptr)
	{
		return false;
	}
	uint8 Piece[4096];
	for (SIZE_T Count = std::fread(Piece, 1, sizeof(Piece), Stream); Count > 0; Count = std::fread(Piece, 1, sizeof(Piece), Stream))
	{
		Result.Items.insert(Result.Items.end(), Piece, Piece + Count);
	}
	std::fclose(Stream);
	return true;
}

bool FPaths::DirectoryExists(const FString&)
{
	return true; // the tests name a folder
}

template <>
FRHIBlendState* TStaticBlendState<CW_RGB, BO_Add, BF_One, BF_InverseSourceAlpha>::GetRHI()
{
	return nullptr;
}

void FRDGBuilder::QueueBufferUpload(FRDGBufferRef Buffer, const void* Data, uint64 Bytes, ERDGInitialDataFlags)
{
	std::printf("{\"upload\": %d, \"hex\": \"", Buffer->Id);
	for (uint64 At = 0; At < Bytes; ++At)
	{
		std::printf("%02x", static_cast<unsigned>(static_cast<const unsigned char*>(Data)[At]));
	}
	std::printf("\"}\n");
}

namespace
{
	void PrintParameters(const FStubParameters& Parameters, const char*& Comma)
	{
		for (const FStubParameters::FNote& Note : Parameters.Notes)
		{
			if (Note.Kind == 'i')
			{
				PrintParameters(*static_cast<const FStubParameters*>(Note.Place), Comma);
				continue;
			}
			std::printf("%s\"%s\": ", Comma, Note.Name);
			Comma = ", ";
			if (Note.Kind == 'r' || Note.Kind == 'w')
			{
				const FRDGBuffer& Buffer = Note.Kind == 'r' ? *(*static_cast<FRDGBufferSRV* const*>(Note.Place))->Buffer
															: *(*static_cast<FRDGBufferUAV* const*>(Note.Place))->Buffer;
				std::printf("[%d, %" PRIu32 ", \"%s\"]", Buffer.Id, Buffer.Stride * Buffer.Count, Note.Kind == 'r' ? "read" : "write");
			}
			else if (Note.Kind == 'n')
			{
				const unsigned char* Bytes = static_cast<const unsigned char*>(Note.Place);
				std::printf("\"");
				for (int At = 0; At < 16; ++At)
				{
					std::printf("%02x", static_cast<unsigned>(Bytes[At]));
				}
				std::printf("\"");
			}
			else
			{
				std::printf("%s", *static_cast<FRDGTexture* const*>(Note.Place) != nullptr ? "\"texture\"" : "null");
			}
		}
	}
}

void FRDGBuilder::Pass(const FRDGEventName& Name, const char* File, const char* Entry, const FStubParameters& Parameters, int32 Groups, int32 Rows)
{
	std::printf(
		"{\"pass\": \"%s\", \"file\": \"%s\", \"entry\": \"%s\", \"groups\": [%d, %d], \"parameters\": {", StandInToUtf8(Name.Name).c_str(), File,
		Entry, Groups, Rows);
	const char* Comma = "";
	PrintParameters(Parameters, Comma);
	std::printf("}}\n");
}

void AddEnqueueCopyPass(FRDGBuilder&, FRHIGPUBufferReadback*, FRDGBufferRef SourceBuffer, uint32 NumBytes)
{
	std::printf("{\"asked\": %d, \"bytes\": %" PRIu32 "}\n", SourceBuffer->Id, NumBytes);
}

int main(int Count, char** Arguments)
{
	if (Count != 2)
	{
		return 2;
	}
	FCycloramaSplatShown Shown;
	Shown.Cloud = CycloramaSplatCloud::Load(FString(StandInFromUtf8(Arguments[1]).c_str()), 3);
	Shown.Told = MakeShared<FCycloramaSplatTold, ESPMode::ThreadSafe>();
	Shown.Light = Shown.Cloud->White;
	FSceneView View;
	for (FMatrix* Matrix : {&View.ViewMatrices.View, &View.ViewMatrices.Projection})
	{
		for (auto& Row : Matrix->M)
		{
			for (double& Number : Row)
			{
				if (std::scanf("%lf", &Number) != 1)
				{
					return 2;
				}
			}
		}
	}
	FRDGTexture Colour, Depth;
	FIntRect Rect;
	if (!Shown.Cloud->IsGood() || std::scanf("%d %d %d %d", &Rect.Min.X, &Rect.Min.Y, &Rect.Max.X, &Rect.Max.Y) != 4)
	{
		return 1;
	}
	FCycloramaSplatPainter Painter;
	do
	{
		FRDGBuilder GraphBuilder;
		TArray<FCycloramaSplatShown> All;
		All.Add(Shown);
		Painter.Show(All);
		Painter.Draw(GraphBuilder, View, FCycloramaSplatTarget{&Colour, &Depth, Rect});
		std::printf("{\"wanted\": %" PRIu32 ", \"room\": %" PRIu32 "}\n", Shown.Told->PairsWanted.load(), Shown.Told->PairsRoom.load());
		std::fflush(stdout);
	} while (std::scanf("%u %u", &FRHIGPUBufferReadback::Answer[0], &FRHIGPUBufferReadback::Answer[1]) == 2);
	Painter.Release();
	return 0;
}
