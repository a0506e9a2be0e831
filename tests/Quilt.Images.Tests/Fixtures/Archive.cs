using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Quilt.Linux;
using ZstdSharp;

namespace Quilt.Images.Tests;

/// <summary>Archives as tests need them.</summary>
internal static class Archive
{
    internal static readonly FileTime Time = new(1_700_000_000, 123_456_789);

    internal static ArchiveMetadata Plain(uint mode = 0x1A4, params (string Name, byte[] Value)[] attributes) =>
        new(mode, 0, 0, Time, [.. attributes.Select(a => new KeyValuePair<string, byte[]>(a.Name, a.Value))]);

    internal static byte[] Of(Action<ArchiveWriter> write)
    {
        using MemoryStream bytes = new();
        using ArchiveWriter archive = new(bytes);
        write(archive);
        archive.Complete();
        return bytes.ToArray();
    }

    /// <summary>Folders, for paths that end with a slash, and files that hold their own path.</summary>
    internal static byte[] Of(params string[] paths) => Of(archive =>
    {
        foreach (string path in paths)
        {
            if (path.EndsWith('/'))
            {
                archive.AddFolder(path[..^1], Plain(0x1ED));
            }
            else
            {
                archive.AddText(path, path);
            }
        }
    });

    internal static void AddText(this ArchiveWriter archive, string path, string content) => archive.AddBytes(path, Encoding.UTF8.GetBytes(content));

    internal static void AddBytes(this ArchiveWriter archive, string path, byte[] content) =>
        archive.AddFile(path, Plain(), content.Length, new MemoryStream(content));

    internal static byte[] Gzip(byte[] content, CompressionLevel level = CompressionLevel.Fastest)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, level, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return bytes.ToArray();
    }

    internal static byte[] Zstd(byte[] content)
    {
        using Compressor compressor = new();
        return compressor.Wrap(content).ToArray();
    }

    /// <summary>Compressed by a program of this machine's.</summary>
    internal static byte[] By(string program, byte[] content, params string[] options)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, ["--compress", "--stdout", .. options]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Task feeding = Task.Run(() =>
        {
            using Stream input = process.StandardInput.BaseStream;
            input.Write(content);
        });
        using MemoryStream bytes = new();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        feeding.GetAwaiter().GetResult();
        return bytes.ToArray();
    }
}
