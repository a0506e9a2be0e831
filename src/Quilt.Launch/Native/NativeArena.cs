using System.Runtime.InteropServices;
using System.Text;
using Quilt.Linux;

namespace Quilt.Launch.Native;

/// <summary>Native memory for one launch, freed all at once: what the child reads must not be moved by the garbage collector.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private const int BlockSize = 16 * 1024, StackSize = 4 << 20;
    private readonly List<nint> _blocks = [], _stacks = [];
    private byte* _next;
    private int _left;

    internal T* Allocate<T>(int count = 1)
        where T : unmanaged => (T*)Allocate(checked(sizeof(T) * count));

    internal byte* Text(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        byte* memory = Allocate(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(memory, length));
        memory[length] = 0;
        return memory;
    }

    /// <summary>A null-terminated array of strings, as execve(2) takes it.</summary>
    internal byte** Texts(IReadOnlyList<string> texts)
    {
        byte** array = (byte**)Allocate<nint>(texts.Count + 1);
        for (int i = 0; i < texts.Count; i++)
        {
            array[i] = Text(texts[i]);
        }

        array[texts.Count] = null;
        return array;
    }

    internal void* Bytes(ReadOnlySpan<byte> bytes)
    {
        byte* memory = Allocate(bytes.Length);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }

    /// <summary>For a child that shares our memory. Its deepest way is into 200 folders within each other (tmpcopyup): about 1 MB.</summary>
    /// <returns>Its upper end: it grows down from there.</returns>
    internal byte* Stack()
    {
        nint lower = Sys.MapStack(StackSize);
        _stacks.Add(lower);
        return (byte*)(lower + StackSize);
    }

    private byte* Allocate(int bytes)
    {
        bytes = (bytes + 15) & ~15;
        if (bytes > _left)
        {
            int size = Math.Max(bytes, BlockSize);
            _next = (byte*)NativeMemory.AllocZeroed((nuint)size);
            _left = size;
            _blocks.Add((nint)_next);
        }

        byte* memory = _next;
        _next += bytes;
        _left -= bytes;
        return memory;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        foreach (nint stack in _stacks)
        {
            Sys.UnmapStack(stack, StackSize);
        }

        _blocks.Clear();
        _stacks.Clear();
        _left = 0;
    }
}
