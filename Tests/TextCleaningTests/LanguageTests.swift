import Testing

@testable import TextCleaning

@Suite struct LanguageTests {
  @Test(arguments: [
    (Language.english, "How can I make a list of the words in this text and count them for each of the authors?"),
    (
      .german,
      "Wie kann ich eine Liste der Wörter in diesem Text machen und sie für jeden Autor zählen, wenn das nicht geht?"
    ),
    (.french, "Comment puis-je faire une liste des mots dans ce texte et les compter pour chaque auteur qui est là ?"),
    (
      .spanish,
      "¿Cómo puedo hacer una lista de las palabras en este texto y contar las que más se usan para cada autor?"
    ),
    (
      .italian,
      "Come posso fare una lista delle parole in questo testo e contare quelle che sono di ogni autore, per favore?"
    ),
    (.portuguese, "Como posso fazer uma lista das palavras em um texto e contar as que não são do autor, para você?"),
    (.dutch, "Hoe kan ik een lijst van de woorden in het boek maken en is dat voor je ook niet te veel werk?"),
    (.polish, "Jak mogę zrobić listę słów w tym tekście i czy to jest dla autora, że nie ma ich na liście?"),
    (.turkish, "Bu metinde bir liste için ne var ve nasıl daha çok kelime ile çalışabilirim?"),
    (.vietnamese, "Làm thế nào để tôi có thể đếm các từ trong một văn bản của bạn và những người được nhắc?"),
    (.korean, "이 글에 있는 단어를 어떻게 셀 수 있나요?"), (.japanese, "この文章の言葉を数えるにはどうすればいいですか"),
    (.chinese, "我怎样才能统计这篇文章里的词语数量"), (.russian, "Как посчитать слова в этом тексте для каждого автора?"),
    (.ukrainian, "Як порахувати слова в цьому тексті, якщо їх є багато і вони різні?"),
    (.arabic, "كيف يمكنني عد الكلمات في هذا النص"), (.persian, "چگونه می‌توانم کلمات این متن را بشمارم و چاپ کنم"),
    (.greek, "Πώς μπορώ να μετρήσω τις λέξεις"), (.hebrew, "איך אפשר לספור מילים"), (.thai, "ฉันจะนับคำได้อย่างไร"),
    (.hindi, "मैं शब्दों को कैसे गिनूं"), (.unknown, "12 + 30 = 42"), (.unknown, ""),
  ])
  func aSentenceIsToldByScriptOrSmallWords(language: Language, text: String) {
    #expect(Language(of: [text]) == language)
  }

  @Test func codeBetweenFencesPlaysNoPart() {
    let code = String(repeating: "for the in of and is to that\n", count: 200)
    #expect(
      Language(of: ["Wie geht das und was ist die Lösung für mich?\n```\n\(code)```\nUnd das ist nicht alles."])
        == .german)
  }

  @Test func longTextsAreSampled() {
    let long = String(repeating: "the list of words is in the text and ", count: 200_000)
    #expect(Language(of: [long, String(repeating: "и в на ", count: 100_000)]) == .english)
  }
}
