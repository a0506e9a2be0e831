using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>The address of a step's outcome: everything that it depends on, hashed. No two inputs run into each other.</summary>
internal sealed class CacheKey : IDisposable
{
    /// <summary>Changes where the same inputs make something else than before.</summary>
    private const string Version = "quilt.build.1";
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal CacheKey(string kind)
    {
        Add(Version);
        Add(kind);
    }

    internal CacheKey Add(string? text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
        Span<byte> length = stackalloc byte[sizeof(int)];

        // Nothing and an empty text are not the same.
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
        return this;
    }

    internal CacheKey Add(IReadOnlyCollection<string> texts)
    {
        Add(FormattableString.Invariant($"{texts.Count}"));
        foreach (string text in texts)
        {
            Add(text);
        }

        return this;
    }

    internal Digest Finish() => Digest.OfSha256(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
