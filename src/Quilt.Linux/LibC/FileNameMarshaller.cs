using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Quilt.Linux;

/// <summary>Gives a <see cref="FileName"/> to the kernel as the bytes that it is; null is none.</summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(ManagedToUnmanagedIn))]
internal static unsafe class FileNameMarshaller
{
    public ref struct ManagedToUnmanagedIn
    {
        private byte* _allocated, _bytes;

        /// <summary>On the caller's stack; enough for most names.</summary>
        public static int BufferSize => 256;

        public void FromManaged(string? name, Span<byte> buffer)
        {
            if (name is null)
            {
                return;
            }

            int most = FileName.MostBytes(name) + 1;
            if (most > buffer.Length)
            {
                _allocated = (byte*)NativeMemory.Alloc((nuint)most);
                buffer = new Span<byte>(_allocated, most);
            }

            buffer[FileName.ToBytes(name, buffer)] = 0;
            _bytes = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
        }

        public readonly byte* ToUnmanaged() => _bytes;

        public readonly void Free() => NativeMemory.Free(_allocated);
    }
}
