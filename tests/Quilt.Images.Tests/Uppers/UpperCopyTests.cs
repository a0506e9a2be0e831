using System.Net.Sockets;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Uppers;

public sealed class UpperCopyTests : IDisposable
{
    private const uint Base = TestUpper.Base;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_container_changed_is_the_same_when_it_is_a_layer_with_layers_ids()
    {
        string upper = TestUpper.Make(_folder["upper"]), target = Target();
        long bytes = UpperCopy.Copy(upper, target, new IdShift(Base, 0), Cancellation);
        Assert.Equal(FolderText.Of(upper, shift: Base).Replace("0100000302000000000000000000000000000000A0860100", "0100000202000000000000000000000000000000", StringComparison.Ordinal), FolderText.Of(target));
        Assert.Equal(4096 * 6, bytes); // four folders, two files with something in them
    }

    [Fact]
    public void Ids_of_access_lists_are_moved_and_those_of_others_become_nobodys()
    {
        string upper = Directory.CreateDirectory(_folder["upper"]).FullName, target = Target();
        File.WriteAllText(Path.Combine(upper, "file"), "");
        using (FileDescriptor file = Sys.Open(Path.Combine(upper, "file"), OpenMode.ReadOnly))
        {
            Sys.SetAttribute(file, AccessList.Access, List(Base + 5, 77));
        }

        UpperCopy.Copy(upper, target, new IdShift(Base, 0), Cancellation);
        using FileDescriptor copy = Sys.Open(Path.Combine(target, "file"), OpenMode.ReadOnly);
        Assert.Equal(List(5, 65534), Sys.TryGetAttribute(copy, AccessList.Access, 1024));
        Assert.Equal(65534u, Sys.Status(copy).Uid); // the host's root is none of the container's

        // Version 2: owner, a user, the group, a group, mask, others.
        static byte[] List(uint user, uint group) =>
            [2, 0, 0, 0, .. Entry(1, uint.MaxValue), .. Entry(2, user), .. Entry(4, uint.MaxValue), .. Entry(8, group), .. Entry(16, uint.MaxValue), .. Entry(32, uint.MaxValue)];

        static byte[] Entry(byte tag, uint id) => [tag, 0, 6, 0, .. BitConverter.GetBytes(id)];
    }

    [Fact]
    public void Holes_stay_holes_and_the_end_is_where_it_was()
    {
        const long Size = 64L << 20, Middle = 32L << 20;
        string upper = Directory.CreateDirectory(_folder["upper"]).FullName, target = Target();
        using (FileStream file = File.Create(Path.Combine(upper, "sparse")))
        {
            file.Position = Middle;
            file.Write("here"u8);
            file.SetLength(Size);
        }

        UpperCopy.Copy(upper, target, new IdShift(0, 0), Cancellation);
        string copy = Path.Combine(target, "sparse");
        Assert.Equal(File.ReadAllBytes(Path.Combine(upper, "sparse")), File.ReadAllBytes(copy));
        Assert.InRange(long.Parse(Shell.Run($"stat -c %b {copy}"), System.Globalization.CultureInfo.InvariantCulture) * 512, 4096, 1 << 20);
    }

    [Fact]
    public void A_socket_is_one_and_two_names_of_a_link_in_different_folders_are_one_file()
    {
        string upper = Directory.CreateDirectory(_folder["upper"]).FullName, target = Target();
        Directory.CreateDirectory(Path.Combine(upper, "a"));
        Directory.CreateDirectory(Path.Combine(upper, "b"));
        Shell.Run($"ln -s x {upper}/a/link; ln {upper}/a/link {upper}/b/link");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(upper, "socket")));
        UpperCopy.Copy(upper, target, new IdShift(0, 0), Cancellation);
        Assert.Equal(FolderText.Of(upper), FolderText.Of(target));
    }

    [Theory]
    [InlineData("trusted.overlay.redirect", "/elsewhere")]
    [InlineData("trusted.overlay.metacopy", "")]
    public void What_overlayfs_keeps_as_a_reference_is_refused_by_its_name(string attribute, string value)
    {
        string upper = Directory.CreateDirectory(_folder["upper"]).FullName;
        string part = Directory.CreateDirectory(Path.Combine(upper, "part")).FullName;
        using (FileDescriptor folder = Sys.Open(part, OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.SetAttribute(folder, attribute, System.Text.Encoding.UTF8.GetBytes(value));
        }

        QuiltException refused = Assert.Throws<QuiltException>(() => UpperCopy.Copy(upper, Target(), new IdShift(0, 0), Cancellation));
        Assert.Equal(ErrorCode.FailedPrecondition, refused.Code);
        Assert.Contains("'part'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_not_UTF8_stays_what_it_is()
    {
        string upper = Directory.CreateDirectory(_folder["upper"]).FullName, target = Target();
        Shell.Run($"""
            cd {upper} && bad="$(printf 'a\377\303\251b\355\240\200\303')" && mkdir "$bad" ü
            echo x > "$bad/$bad" && ln "$bad/$bad" "$bad/second" && ln "$bad/$bad" "ü/😀" && ln -s "$bad" link && mkfifo "$bad/fifo" && mknod "$bad/\�" c 0 0
            """);
        UpperCopy.Copy(upper, target, new IdShift(0, 0), Cancellation);
        Assert.Equal(List(upper), List(target));

        static string List(string folder) => Shell.Run($"cd {folder} && find . -printf '%P %y %l %n %s\\n' | LC_ALL=C sort | od -An -tx1");
    }

    private string Target() => Directory.CreateDirectory(_folder["target"]).FullName;
}
