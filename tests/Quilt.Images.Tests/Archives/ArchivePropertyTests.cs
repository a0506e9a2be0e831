using CsCheck;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images.Tests.Archives;

public sealed class ArchivePropertyTests
{
    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.String[Gen.Char["abcXYZ019-_. üß漢"], 1, 60], Gen.Char['a', 'z'].Array[1, 200].Select(c => new string(c)),
        Gen.Byte.Where(b => b is not (0 or (byte)'/')).Array[1, 250].Select(b => FileName.FromBytes(b))).Where(n => n is not ("." or ".."));

    private static readonly Gen<ArchiveMetadata> Metadata = Gen.Select(
        Gen.UInt[0, 0xFFF], Gen.UInt[0, uint.MaxValue - 1], Gen.UInt[0, uint.MaxValue - 1], Gen.Long[-10_000_000_000, 100_000_000_000], Gen.UInt[0, 999_999_999], Gen.Byte.Array[0, 300],
        (mode, uid, gid, seconds, nanoseconds, value) => new ArchiveMetadata(mode, uid, gid, new FileTime(seconds, nanoseconds), [new("user.a%b\u00FC\uDCFF", value)]));

    [Fact]
    public void What_is_written_is_read_the_same() =>
        Gen.Select(Name.Array[1, 6], Metadata, Gen.Byte.Array[0, 2000], Gen.Int[0, 3]).Array[1, 5].Sample(entries =>
        {
            byte[] archive = Archive.Of(writer =>
            {
                foreach ((string[] path, ArchiveMetadata metadata, byte[] content, int kind) in entries)
                {
                    Write(writer, string.Join('/', path), metadata, content, kind);
                }
            });
            ArchiveReader reader = new(new MemoryStream(archive), new UnpackLimits());
            foreach ((string[] path, ArchiveMetadata metadata, byte[] content, int kind) in entries)
            {
                ArchiveEntry entry = reader.Next()!;
                Assert.Equal(path, entry.Path);
                Assert.Equal(((ArchiveEntryKind[])[ArchiveEntryKind.File, ArchiveEntryKind.Folder, ArchiveEntryKind.SymbolicLink, ArchiveEntryKind.Fifo])[kind], entry.Kind);
                Assert.Equal((metadata.Permissions, metadata.Uid, metadata.Gid, metadata.Modified), (entry.Permissions, entry.Uid, entry.Gid, entry.Modified));
                Assert.Equal((metadata.Attributes![0].Key, Convert.ToHexString(metadata.Attributes[0].Value)), Assert.Single(entry.Attributes) is var (key, value) ? (key, Convert.ToHexString(value)) : default);
                Assert.Equal(kind == 2 ? string.Join('/', path) + "/target" : "", entry.LinkTarget);
                byte[] read = new byte[content.Length];
                if (kind == 0)
                {
                    Assert.Equal(content.Length, reader.Left);
                    Assert.True(content.Length == 0 || reader.Read(read) == content.Length);
                    Assert.Equal(content, read);
                }
            }

            Assert.Null(reader.Next());
        }, iter: 500);

    [Fact]
    public void An_archive_damaged_anywhere_is_read_or_refused()
    {
        byte[] whole = Archive.Of(a =>
        {
            a.AddFolder("d", Archive.Plain(0x1ED, ("user.x", [1, 2])));
            a.AddText(new string('n', 150), "content");
            a.AddSymbolicLink("l", Archive.Plain(), "d");
        });
        byte[] sparse = [.. new RawArchive().Pax("GNU.sparse.major=1", "GNU.sparse.realsize=10", "GNU.sparse.name=s").Add('0', "x", "1\n0\n1\n" + new string('\0', 506) + "y").End()];
        Gen.Select(Gen.Bool, Gen.Int[0, 4000], Gen.Byte, Gen.Bool).Sample((other, at, value, cut) =>
        {
            byte[] archive = [.. other ? sparse : whole];
            at %= archive.Length;
            archive[at] = value;
            Read(cut ? archive[..at] : archive);
        }, iter: 20_000);
    }

    private static void Write(ArchiveWriter writer, string path, ArchiveMetadata metadata, byte[] content, int kind)
    {
        switch (kind)
        {
            case 0:
                writer.AddFile(path, metadata, content.Length, new MemoryStream(content));
                break;
            case 1:
                writer.AddFolder(path, metadata);
                break;
            case 2:
                writer.AddSymbolicLink(path, metadata, path + "/target");
                break;
            default:
                writer.AddFifo(path, metadata);
                break;
        }
    }

    private static void Read(byte[] archive)
    {
        try
        {
            ArchiveReader reader = new(new MemoryStream(archive), new UnpackLimits());
            byte[] buffer = new byte[100];
            while (reader.Next() is not null)
            {
                while (reader.Read(buffer) > 0)
                {
                }
            }
        }
        catch (QuiltException)
        {
            // Refused.
        }
    }
}
