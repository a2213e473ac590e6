#include "Rendering/CycloramaSplatShaders.h"

IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatProjectCS, "/Plugin/Cyclorama/Private/SplatProject.usf", "SplatProjectMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatScanBlocksCS, "/Plugin/Cyclorama/Private/SplatScan.usf", "SplatScanBlocksMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatScanSumsCS, "/Plugin/Cyclorama/Private/SplatScan.usf", "SplatScanSumsMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatScanAddCS, "/Plugin/Cyclorama/Private/SplatScan.usf", "SplatScanAddMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatSortCountCS, "/Plugin/Cyclorama/Private/SplatSort.usf", "SplatSortCountMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatSortScatterCS, "/Plugin/Cyclorama/Private/SplatSort.usf", "SplatSortScatterMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatTilesCountCS, "/Plugin/Cyclorama/Private/SplatTiles.usf", "SplatTilesCountMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatTilesAmountCS, "/Plugin/Cyclorama/Private/SplatTiles.usf", "SplatTilesAmountMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatTilesPairCS, "/Plugin/Cyclorama/Private/SplatTiles.usf", "SplatTilesPairMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatTilesStartCS, "/Plugin/Cyclorama/Private/SplatTiles.usf", "SplatTilesStartMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatCompositeCS, "/Plugin/Cyclorama/Private/SplatComposite.usf", "SplatCompositeMain", SF_Compute);
IMPLEMENT_GLOBAL_SHADER(FCycloramaSplatResolvePS, "/Plugin/Cyclorama/Private/SplatResolve.usf", "SplatResolveMain", SF_Pixel);
