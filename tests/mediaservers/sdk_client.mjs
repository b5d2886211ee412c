// Drives a Jellyfin server with @jellyfin/sdk as a player would, and prints what it answered.
//
// node sdk_client.mjs FOLDER URL: FOLDER holds node_modules. Standard input gives one JSON line
// with names, passwords and ids; each line of standard output is one JSON object: first the code
// of Quick Connect, which somebody is to type in, then everything else.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, url] = process.argv.slice(2);
const lib = (name) => import(pathToFileURL(`${folder}/node_modules/@jellyfin/sdk/lib/${name}`));
const { Jellyfin } = await lib('index.js');
const apis = await lib('utils/api/index.js');

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const told = JSON.parse((await lines.next()).value);
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const status = (call) => call.then((answer) => answer.status, (error) => error.response?.status);

const entry = (device, token = '') =>
  new Jellyfin({
    clientInfo: { name: 'A plain "player", é', version: '1.0' },
    deviceInfo: { name: 'A device', id: device },
  }).createApi(url, token);

const door = apis.getAuthenticationApi(entry('by-code'));
const begun = (await door.initiateQuickConnect()).data;
const waiting = (await door.getQuickConnectState({ secret: begun.Secret })).data.Authenticated;
tell({ code: begun.Code, waiting });
await lines.next(); // typed in
const approved = (await door.getQuickConnectState({ secret: begun.Secret })).data.Authenticated;
const byCode = (
  await door.authenticateWithQuickConnect({ quickConnectDto: { Secret: begun.Secret } })
).data;

const enter = (name, password, device) =>
  apis
    .getAuthenticationApi(entry(device))
    .authenticateUserByName({ authenticateUserByName: { Username: name, Pw: password } });
const wrong = await status(enter('alice', 'wrong', 'x'));
const byName = (await enter('alice', told.password, 'by-name')).data;
const root = entry('root', (await enter('root', told.password, 'root')).data.AccessToken);
const alice = entry('by-name', byName.AccessToken);
const userId = byName.User.Id;

const items = (
  await apis.getLibraryApi(alice).getItems({
    includeItemTypes: ['Audio'], recursive: true, fields: ['Path', 'ProviderIds'], limit: 2,
  })
).data;

const playlists = apis.getPlaylistApi(alice);
const id = (
  await playlists.createPlaylist({
    createPlaylistDto: {
      Name: 'Made', Ids: told.ids.slice(0, 2), UserId: userId, MediaType: 'Audio', IsPublic: false,
    },
  })
).data.Id;
const contents = async () =>
  (await playlists.getPlaylistItems({ playlistId: id, userId })).data.Items.map((one) => one.Id);
const created = await contents();
await playlists.updatePlaylist({
  playlistId: id, updatePlaylistDto: { Name: 'Renamed', Ids: told.ids.slice(2, 4) },
});
const updated = await contents();
await playlists.addItemToPlaylist({ playlistId: id, ids: told.ids.slice(0, 2), userId });
const added = await contents();
await playlists.removeItemFromPlaylist({ playlistId: id, entryIds: told.ids.slice(2, 3) });
const removed = await contents();
const meta = (await playlists.getPlaylist({ playlistId: id })).data;
const ofAnother = await status(apis.getPlaylistApi(root).getPlaylist({ playlistId: id }));
const withKey = await status(
  apis.getPlaylistApi(entry('key', told.key)).getPlaylist({ playlistId: id }),
);

const png = { headers: { 'Content-Type': 'image/png' } };
const cover = (api) =>
  status(
    apis
      .getImageApi(api)
      .setItemImage({ itemId: id, imageType: 'Primary', body: told.image }, png),
  );
const covers = [await cover(alice), await cover(entry('key', told.key))];

const seen = (
  await apis.getImageApi(alice).getItemImage(
    { itemId: id, imageType: 'Primary' }, { responseType: 'arraybuffer' },
  )
).data;
const image = Buffer.from(seen).toString('base64') === told.image;

const users = apis.getUserApi(alice);
const me = (await users.getCurrentUser()).data.Name;
const everybody = (await users.getUsers()).data.map((one) => one.Name);
const sessions = await status(apis.getSessionApi(root).getSessions({ activeWithinSeconds: 90 }));
const deleted = await status(apis.getLibraryApi(alice).deleteItem({ itemId: id }));
const out = await status(apis.getSessionApi(alice).reportSessionEnded());
const afterwards = await status(users.getCurrentUser());

const info = (await apis.getSystemApi(entry('x')).getPublicSystemInfo()).data;
tell({
  version: info.Version, approved, byCode: byCode.User.Name, wrong, me, everybody,
  items: items.Items.map((one) => one.Path), total: items.TotalRecordCount,
  created, updated, added, removed, meta: meta.ItemIds, ofAnother, withKey, covers, image, sessions,
  deleted, out, afterwards,
});
process.exit(0);
