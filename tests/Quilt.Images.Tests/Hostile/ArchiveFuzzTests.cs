using System.Text;
using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;

namespace Quilt.Images.Tests.Hostile;

/// <summary>Archives that were valid once. Their headers are summed again, so that what is wrong in them is reached.</summary>
public sealed class ArchiveFuzzTests
{
    private static readonly byte[][] Valid =
    [
        Archive.Of(a =>
        {
            a.AddFolder("d", Archive.Plain(0x1ED, ("user.x", [1, 2])));
            a.AddText(new string('n', 150), "content");
            a.AddSymbolicLink("l", Archive.Plain(), "d");
        }),
        new RawArchive().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=10", "GNU.sparse.name=s").Add('0', "x", "1\n0\n1\n" + new string('\0', 506) + "y").End(),
        new RawArchive().Pax("GNU.sparse.map=0,1,5,1", "GNU.sparse.size=10", "GNU.sparse.numblocks=2").Add('0', "x", "ab").End(),
        new RawArchive().Extension('L', new string('p', 200) + "\0").Extension('K', "target\0").Add('2', "x", target: "y").End(),
        new RawArchive().Pax("path=a/b", "mtime=-1.5", "uid=70000", "size=1", "SCHILY.xattr.user.a=b").Add('0', "x", "z").Add('1', "h", target: "a/b").End(),
    ];

    [Fact]
    public void An_archive_damaged_anywhere_is_read_or_refused_in_bounded_memory() => Fuzz.Run(Archives, bytes => Read(new MemoryStream(bytes)));

    [Fact]
    public void A_layer_whose_compression_is_damaged_anywhere_is_read_or_refused_in_bounded_memory() => Fuzz.Run(
        Mutated.Bytes([.. Valid[..3].SelectMany(v => (byte[][])[Archive.Gzip(v), Archive.Zstd(v)])]),
        bytes => Read(new LayerStream(new MemoryStream(bytes), new UnpackLimits(), copy: null, CancellationToken.None)),
        iterations: 500);

    [Fact]
    public void Records_of_extensions_damaged_anywhere_are_read_or_refused() => Fuzz.Run(
        Mutated.Bytes(RawArchive.Record("path=a/b") + RawArchive.Record("mtime=1.5"), RawArchive.Record("GNU.sparse.map=0,1") + RawArchive.Record("GNU.sparse.size=9"), RawArchive.Record("SCHILY.xattr.user.x=\u0001")),
        bytes => Refused(() => Fuzz.Bounded(() => _ = PaxRecords.Parse(bytes, new UnpackLimits(), global: false).Sparse?.Segments)));

    private static Gen<byte[]> Archives => Gen.Select(Mutated.Bytes(Valid), Gen.Bool, (bytes, sum) => sum ? Summed(bytes) : bytes);

    private static void Read(Stream archive) => Refused(() => Fuzz.Bounded(() =>
    {
        using (archive)
        {
            ArchiveReader reader = new(archive, new UnpackLimits());
            byte[] buffer = new byte[4096];
            while (reader.Next() is { } entry)
            {
                Assert.DoesNotContain("..", entry.Path);
                while (reader.Read(buffer) > 0)
                {
                }
            }
        }
    }));

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Contains(e.Code, (ErrorCode[])[ErrorCode.InvalidArgument, ErrorCode.ResourceExhausted]);
            Assert.NotNull(e.Remedy);
        }
    }

    /// <summary>With the right sum in each block that is a header.</summary>
    private static byte[] Summed(byte[] archive)
    {
        byte[] summed = [.. archive];
        for (int at = 0; at + TarHeader.BlockBytes <= summed.Length; at += TarHeader.BlockBytes)
        {
            Span<byte> block = summed.AsSpan(at, TarHeader.BlockBytes);
            if (block[257..262].SequenceEqual("ustar"u8))
            {
                block.Slice(148, 8).Fill((byte)' ');
                int sum = 0;
                foreach (byte b in block)
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
            }
        }

        return summed;
    }
}
