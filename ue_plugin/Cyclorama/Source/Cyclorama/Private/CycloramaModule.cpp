// The module has nothing to do of its own: Live Link finds the factory, the engine finds the subsystem.
#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, Cyclorama)
