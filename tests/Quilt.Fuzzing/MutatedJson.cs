using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Quilt.Fuzzing.Guidance;

namespace Quilt.Fuzzing;

/// <summary>Valid documents in which up to three values have become something else, of the right form or not; and damaged ones.</summary>
public static class MutatedJson
{
    private static readonly string[] Values =
    [
        "null", "\"\"", "\"a\\u0000b\"", "\"../..\"", "\"/proc/self/fd/7\"", "0", "-1", "1e300", "18446744073709551615", "[]", "[null]", "{}", "{\"\":null}", "true", "\"\\ud800\"",
        "{\"\\ud800\":1}", "{\"\\ud800 and more than a name that is looked for\":1}", "{\"a\":1,\"a\":2}", "[{}]", "[\"\"]", "{\"a\":{}}", "\"99999999999999999999d\"", "\"\\u001b[2J\"", "9223372036854775807", "0.1", "[[[[[[]]]]]]",
    ];

    public static Gen<byte[]> Of(params string[] valid) => Of(Corpus.Of([.. valid.Select(Encoding.UTF8.GetBytes)]));

    private static Gen<byte[]> Of(Corpus corpus) => Gen.OneOf(Replaced(corpus), Mutated.Bytes(corpus));

    private static Gen<byte[]> Replaced(Corpus corpus) =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, Values.Length - 1]).Array[1, 3]).Select((which, changes) =>
        {
            JsonNode document = Parsed(corpus[which]) ?? JsonNode.Parse(corpus.Seeds[which % corpus.Seeds.Length])!;
            foreach ((int where, int what) in changes)
            {
                List<Action<JsonNode?>> places = [];
                Collect(document, places);
                if (places.Count > 0)
                {
                    places[where % places.Count](JsonValue.Create($"@{what}@"));
                }
            }

            // As text: some of the values are such as no document would write.
            string json = document.ToJsonString();
            for (int i = 0; i < Values.Length; i++)
            {
                json = json.Replace($"\"@{i}@\"", Values[i], StringComparison.Ordinal);
            }

            return corpus.Made(Encoding.UTF8.GetBytes(json));
        });

    /// <summary>Null of what is no document that can be written again: coverage keeps damaged ones too.</summary>
    private static JsonNode? Parsed(byte[] json)
    {
        try
        {
            JsonNode? document = JsonNode.Parse(json);
            _ = document?.ToJsonString();
            Collect(document, []);
            return document;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Collect(JsonNode? node, List<Action<JsonNode?>> places)
    {
        if (node is JsonObject map)
        {
            foreach (string key in map.Select(p => p.Key).ToArray())
            {
                places.Add(value => map[key] = value);
                Collect(map[key], places);
            }
        }
        else if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                int place = i;
                places.Add(value => list[place] = value);
                Collect(list[i], places);
            }
        }
    }
}
