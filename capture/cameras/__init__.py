"""Where pictures of performers come from: devices, streams, videos and folders of pictures, each with its moment."""
