// Where this process stands in an nDisplay cluster, if it stands in one.
#pragma once

namespace CycloramaCluster
{
	/** This process is a node of a running cluster, not an editor or a game by itself. Game thread. */
	bool IsNode();
	/** Another node is the primary, and this one shows what that one says. False outside a cluster. Game thread. */
	bool FollowsAnother();
}
