// Where this process stands in an nDisplay cluster, if it stands in one.
#pragma once

namespace CycloramaCluster
{
	/** Another node is the primary, and this one shows what that one says. False outside a cluster. Game thread. */
	bool FollowsAnother();
}
