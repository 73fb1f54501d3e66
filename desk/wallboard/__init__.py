"""The board for a screen on the wall: how it stands, readable from across the room, without anybody's name."""
