using System.Collections;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Quilt.Fuzzing.Guidance;

namespace Quilt.Fuzzing;

/// <summary>Messages of protobuf that have something of every field, of which up to three values have become others that the type can hold; and damaged ones.</summary>
public static class MutatedMessage
{
    /// <summary>Each as far as the field's type has it. 315,576,000,000 and 253,402,300,799 are the last seconds of a Duration and of a Timestamp.</summary>
    private static readonly long[] Numbers = [0, 1, -1, 100, 65_536, 999_999_999, 1_000_000_000, int.MaxValue, int.MinValue, 253_402_300_799, 315_576_000_000, long.MaxValue, long.MinValue];

    private static readonly string[] Texts = ["", "/", "../..", "a b", "a\u0000b", "\u001b[2J", "-1", "99999999999999999999", "1:0", "unix:///x", new('a', 5000)];

    public static Gen<byte[]> Of(MessageDescriptor type)
    {
        Corpus corpus = Corpus.Of([ExampleMessage.Of(type).ToByteArray()]);
        return Gen.OneOf(Replaced(type, corpus), Mutated.Bytes(corpus));
    }

    private static Gen<byte[]> Replaced(MessageDescriptor type, Corpus corpus) =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Array[1, 3]).Select((which, changes) =>
        {
            IMessage message = Parsed(type, corpus[which]) ?? type.Parser.ParseFrom(corpus.Seeds[0]);
            List<Action<int>> places = [];
            Collect(message, places);
            foreach ((int where, int what) in changes)
            {
                if (places.Count > 0)
                {
                    places[where % places.Count](what);
                }
            }

            return corpus.Made(message.ToByteArray());
        });

    private static IMessage? Parsed(MessageDescriptor type, byte[] bytes)
    {
        try
        {
            return type.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>Every field that has one value of its own, at any depth; lists and tables only lose theirs, or have them twice.</summary>
    private static void Collect(IMessage message, List<Action<int>> places)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object? value = field.Accessor.GetValue(message);
            if (field.IsMap)
            {
                places.Add(_ => field.Accessor.Clear(message));
            }
            else if (value is IList list)
            {
                places.Add(what => Repeat(list, what));
                foreach (IMessage inner in list.OfType<IMessage>())
                {
                    Collect(inner, places);
                }
            }
            else if (value is IMessage inner)
            {
                places.Add(_ => field.Accessor.Clear(message));
                Collect(inner, places);
            }
            else if (field.FieldType != FieldType.Message)
            {
                places.Add(what => field.Accessor.SetValue(message, Value(field, what)));
            }
        }
    }

    private static void Repeat(IList list, int what)
    {
        if (what % 2 == 0 || list.Count is 0 or > 100)
        {
            list.Clear();
        }
        else
        {
            list.Add(list[^1]);
        }
    }

    private static object Value(FieldDescriptor field, int what)
    {
        long number = Numbers[what % Numbers.Length];
        return field.FieldType switch
        {
            FieldType.String => Texts[what % Texts.Length],
            FieldType.Bytes => ByteString.CopyFromUtf8(Texts[what % Texts.Length]),
            FieldType.Bool => what % 2 == 0,
            FieldType.Double => (what % 5) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => -0.5, 3 => double.Epsilon, _ => (double)number },
            FieldType.Float => (float)number,
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int)number,
            FieldType.UInt32 or FieldType.Fixed32 => (uint)number,
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => number,
            FieldType.UInt64 or FieldType.Fixed64 => (ulong)number,
            FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, (int)number),
            _ => throw new NotSupportedException($"{field.FullName} is of a type that no value is known of"),
        };
    }
}
