using System.Text;
using Quilt.Linux;

namespace Quilt.Images.Tests;

/// <summary>Archives that no honest writer makes, header by header.</summary>
internal sealed class RawArchive
{
    private readonly List<byte> _bytes = [];

    internal RawArchive Add(char type, string path, string content = "", string target = "", long? size = null, Action<byte[]>? change = null)
    {
        byte[] data = Encoding.UTF8.GetBytes(content), block = new byte[TarHeader.BlockBytes];
        TarHeaderWriter.Write(block, type, FileName.ToBytes(path), new ArchiveMetadata(0x1A4, 0, 0, new FileTime(1, 0)), size ?? data.Length, Encoding.UTF8.GetBytes(target));
        if (change is not null)
        {
            change(block);
            Sum(block);
        }

        _bytes.AddRange(block);
        _bytes.AddRange(data);
        _bytes.AddRange(new byte[-data.Length & (TarHeader.BlockBytes - 1)]);
        return this;
    }

    /// <summary>A PAX header with these records, KEY=VALUE.</summary>
    internal RawArchive Pax(params string[] records) => Extension('x', string.Concat(records.Select(Record)));

    internal RawArchive Extension(char type, string content) => Add(type, "././@PaxHeader", content);

    internal byte[] End() => [.. _bytes, .. new byte[1024]];

    internal byte[] Cut(int bytes) => [.. _bytes.SkipLast(bytes)];

    internal static string Record(string record)
    {
        int length = Encoding.UTF8.GetByteCount(record) + 3;
        length += $"{length}".Length;
        length = Encoding.UTF8.GetByteCount(record) + 2 + $"{length}".Length;
        return $"{length} {record}\n";
    }

    private static void Sum(byte[] block)
    {
        block.AsSpan(148, 8).Fill((byte)' ');
        string sum = Convert.ToString(block.Sum(b => b), 8).PadLeft(6, '0') + "\0 ";
        Encoding.ASCII.GetBytes(sum).CopyTo(block, 148);
    }
}
