import { call } from "../api.js";
import { el, show } from "../dom.js";
import { ago, bytes } from "../format.js";
import { poll } from "../poll.js";
import { table, trouble } from "../table.js";

export function open(root, { live, signal }) {
  const images = table([
    { title: "Reference", cell: i => i.reference, kind: "text" },
    { title: "Size", cell: i => bytes(i.size), kind: "number" },
    { title: "Platform", cell: i => i.platform, kind: "nowrap wide" },
    { title: "Created", cell: i => i.createdAt && ago(i.createdAt), kind: "nowrap wide" },
    { title: "Digest", cell: i => i.digest.slice(0, 19), kind: "dim wide" },
  ], { key: i => `${i.reference} ${i.digest}`, empty: "There is no image that this token may use.", label: "Images" });
  const disk = table([
    { title: "What", cell: d => d.what },
    { title: "Count", cell: d => d.count, kind: "number" },
    { title: "In use", cell: d => d.inUse, kind: "number" },
    { title: "Size", cell: d => bytes(d.bytes), kind: "number" },
    { title: "Could be had back", cell: d => bytes(d.reclaimableBytes), kind: "number" },
  ], { key: d => d.what, empty: "Nothing takes space.", label: "Disk usage" });
  const failed = el("div"), failedDisk = el("div");
  show(root, el("h1", {}, "Images"), failed, images.node, el("h2", {}, "On the disk"), failedDisk, disk.node);
  const list = poll(30, signal, async () => {
    images.fill((await call("listImages", {}, signal)).images);
    show(failed);
  }, e => trouble(failed, e));
  poll(30, signal, async () => {
    disk.fill((await call("getDiskUsage", {}, signal)).items);
    show(failedDisk);
  }, e => trouble(failedDisk, e));
  live.addEventListener("happened", e => e.detail.type.startsWith("image.") && list.soon(), { signal });
}
