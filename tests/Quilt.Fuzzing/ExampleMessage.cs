using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Quilt.Fuzzing;

/// <summary>Requests to begin with.</summary>
internal static class ExampleMessage
{
    private const int Deep = 4;

    /// <summary>A message that has something of every field.</summary>
    internal static IMessage Of(MessageDescriptor type, int deep = Deep)
    {
        IMessage message = type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder().Where(f => deep > 0 || f.FieldType != FieldType.Message))
        {
            if (field.IsMap)
            {
                MessageDescriptor entry = field.MessageType;
                ((IDictionary)field.Accessor.GetValue(message)).Add(Value(entry.FindFieldByNumber(1), deep - 1), Value(entry.FindFieldByNumber(2), deep - 1));
            }
            else if (field.IsRepeated)
            {
                ((IList)field.Accessor.GetValue(message)).Add(Value(field, deep - 1));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, deep - 1));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, int deep) => field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType, deep),
        FieldType.String => "a",
        FieldType.Bytes => ByteString.CopyFromUtf8("a"),
        FieldType.Bool => true,
        FieldType.Double => 1.5,
        FieldType.Float => 1.5f,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => 1,
        FieldType.UInt32 or FieldType.Fixed32 => 1u,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 1L,
        FieldType.UInt64 or FieldType.Fixed64 => 1ul,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        _ => throw new NotSupportedException($"{field.FullName} is of a type that the test does not know"),
    };
}
