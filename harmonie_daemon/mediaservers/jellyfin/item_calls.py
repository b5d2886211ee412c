"""Requests about single items of a Jellyfin server, of whatever kind."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from harmonie_daemon.mediaservers.errors import (
    GarbledError,
    MissingError,
)
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.calls import JellyfinCalls, as_user, in_batches


class ItemCalls(JellyfinCalls):
    """Items, their pictures and their end."""

    async def items(
        self, ids: Sequence[str], user_id: str, *, fields: Sequence[str] = ("ChildCount",)
    ) -> dict[str, wire.RemoteItem]:
        """Those of ``ids`` that exist and that ``user_id`` may see, by id.

        ``fields``: what is asked for beside the usual, as ``ChildCount`` or ``CanDelete``.
        """
        found: dict[str, wire.RemoteItem] = {}

        async def ask(batch: Sequence[str]) -> None:
            query = [
                ("ids", ",".join(batch)),
                *as_user(user_id),
                *(("fields", field) for field in fields),
                ("enableUserData", "false"),
            ]
            page = wire.parse_page(await self._server.get("/Items", query))
            found.update((item.id, item) for item in map(wire.parse_remote_item, page.rows))

        await in_batches(ids, ask)
        return found

    async def item(self, item_id: str, user_id: str) -> wire.RemoteItem | None:
        """One item by its own address; ``None`` when it is not there for ``user_id``."""
        try:
            return wire.parse_item(await self._server.get(f"/Items/{item_id}", as_user(user_id)))
        except MissingError:
            return None

    async def edit_item(
        self, item_id: str, user_id: str, *, name: str | None = None, tags: Sequence[str] = ()
    ) -> bool:
        """Rename or tag by sending the whole item back, for the server blanks what is left out.

        All else is as it was, LockData too: that of a playlist is passed on to its tracks.
        """
        item = await self._server.get(f"/Items/{item_id}", as_user(user_id))
        if not isinstance(item, Mapping) or wire.parse_item(item).id != item_id:
            raise GarbledError("Jellyfin sent something else than the item")
        named = {} if name is None else {"Name": name}
        tagged = {"Tags": list(tags)} if tags else {}
        return await self._server.change(
            "POST", f"/Items/{item_id}", body={**item, **named, **tagged}
        )

    async def set_image(self, item_id: str, kind: str, image: bytes, media_type: str) -> bool:
        """Upload an image, in base64 as Jellyfin wants it. A backdrop is put beside others."""
        return await self._server.upload(
            f"/Items/{item_id}/Images/{kind}", base64.b64encode(image), media_type
        )

    async def drop_image(self, item_id: str, kind: str) -> bool:
        """Remove the first image of this kind."""
        return await self._server.change("DELETE", f"/Items/{item_id}/Images/{kind}")

    async def delete_item(self, item_id: str) -> bool:
        """Delete an item. The same call deletes music: the caller has looked at its type."""
        return await self._server.change("DELETE", f"/Items/{item_id}")
