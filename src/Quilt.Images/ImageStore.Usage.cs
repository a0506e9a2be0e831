using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>Where the bytes are. Costs a look at each blob and layer, and at nothing in them.</summary>
    public StoreUsage DiskUsage()
    {
        IReadOnlyList<StoredImage> all = Current().Images;
        IReadOnlyList<StoredImage> images = [.. all.DistinctBy(i => i.Digest)];
        Dictionary<Digest, long> blobs = Blobs.All().ToDictionary(d => d, Blobs.SizeOf), layers = _layers.All().ToDictionary(d => d, _layers.SizeOf);
        Dictionary<Digest, int> users = images.SelectMany(i => i.Parts.All().Distinct()).CountBy(d => d).ToDictionary();
        long partial = _partials.Bytes();
        return new StoreUsage
        {
            BlobBytes = blobs.Values.Sum(),
            LayerBytes = layers.Values.Sum(),
            PartialBytes = partial,
            UnreferencedBytes = partial + blobs.Concat(layers).Where(b => !users.ContainsKey(b.Key)).Sum(b => b.Value),
            Images = [.. images.Select(UsageOf)],
        };

        ImageUsage UsageOf(StoredImage image)
        {
            ILookup<bool, Digest> parts = image.Parts.All().Distinct().ToLookup(d => users[d] > 1);
            return new ImageUsage(image.Digest, [.. all.Where(i => i.Digest == image.Digest && !i.IsDangling).Select(i => i.Reference)], Size(parts[true]), Size(parts[false]));
        }

        // The id of a lowest layer may be that of its blob too.
        long Size(IEnumerable<Digest> digests) => digests.Sum(d => blobs.GetValueOrDefault(d) + layers.GetValueOrDefault(d));
    }

    /// <summary>How an image came about, newest first. Layers of which it says nothing have rows too.</summary>
    public IReadOnlyList<ImageHistoryRow> HistoryOf(StoredImage image)
    {
        List<ImageHistoryRow> rows = [];
        int layer = 0;
        foreach (ImageHistory step in image.Document.History ?? [])
        {
            // More steps than layers: the image says it wrongly.
            bool empty = step.EmptyLayer == true || layer == image.Layers.Count;
            rows.Add(Row(step, empty ? null : image.Layers[layer++]));
        }

        rows.AddRange(image.Layers.Skip(layer).Select(l => Row(new ImageHistory(), l)));
        rows.Reverse();
        return rows;

        ImageHistoryRow Row(ImageHistory step, StoredLayer? made) => new(
            step.Created, step.CreatedBy ?? "", step.Comment ?? "", step.Author ?? "", made is null, made is null ? 0 : _layers.SizeOf(made.ChainId), made?.Blob.Size ?? 0);
    }

    private long BytesOnDisk() => Blobs.All().Sum(Blobs.SizeOf) + _layers.All().Sum(_layers.SizeOf) + _partials.Bytes();
}
