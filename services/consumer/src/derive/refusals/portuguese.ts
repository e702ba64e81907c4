import { anyOf, type RefusalLanguage } from "./refusal-language.ts";

const serve = anyOf(
  ...[
    "ajudar",
    "auxiliar",
    "atender",
    "cumprir",
    "fornecer",
    "dar",
    "oferecer",
    "escrever",
    "redigir",
    "criar",
    "gerar",
  ],
  ...[
    "produzir",
    "responder",
    "compartilhar",
    "partilhar",
    "reproduzir",
    "definir",
    "participar",
    "continuar",
    "revelar",
  ],
  ...["divulgar", "realizar", "completar", "conclui-?r?", "fazer (?:isso|isto)", "apoiar", "recomendar", "falar sobre"],
  ...["discutir", "traduzir", "identificar", "processar", "aconselhar", "descrever", "colaborar", "prestar", "dizer"],
);

export const portuguese: RefusalLanguage = {
  openings: [
    "desculp[ea](?:-me)?|(?:pec[ço] )?desculpas?|sinto (?:muito|imenso)?|lamento(?: muito)?|infelizmente|nao|perdao|me desculpe",
    "como (?:assistente|modelo|ia|inteligencia|uma? )[^,.]{0,50}",
    "(?:entendo|compreendo|obrigad[oa]|agradec[oa])[^.!]{0,80}?",
    "por (?:razoes|motivos|questoes) [^,.]{0,40}",
  ],
  refusals: [
    `nao (?:lhe |te |o |vos |me )?(?:posso|podemos|poderei|poderia|vou|vamos|devo|quero|consigo|conseguimos|sou capaz de|estou (?:autorizad[oa]|habilitad[oa]|apt[oa]|dispost[oa]) ?a?|tenho (?:permissao|autorizacao)(?: para)?|me (?:e|sinto) [^.!?]{0,25}?)\\b[^.!?]{0,30}?${serve}`,
    "nao me (?:e (?:possivel|permitido)|sinto (?:a vontade|confortavel))",
    "(?:recuso-me|eu me recuso|recuso|nego-me)\\b|(?:devo|preciso|tenho (?:que|de)|terei (?:que|de)) (?:respeitosamente )?(?:recusar|declinar|rejeitar)",
    "prefiro nao\\b|preferia nao\\b|preferiria nao\\b",
    "nao (?:darei|ajudarei|escreverei|fornecerei|criarei|responderei|participarei|forneco|ofereco|compartilho|escrevo|dou)\\b",
    "(?:esse|este|essa|esta|seu|sua|o seu|a sua) (?:pedido|solicitacao|pergunta)[^.!?]{0,20}? (?:vai contra|viola|infringe|contraria|nao e permitid|foi recusad)",
    "(?:minhas|nossas|as minhas|as nossas) (?:diretrizes|politicas|normas|regras) (?:nao|me|proibem|impedem)",
    "(?:esse|este|o) (?:tema|assunto)[^.!?]{0,20}? (?:esta|fica) fora do que (?:posso|podemos)",
    "(?:isso|isto) (?:vai contra|viola|infringe|seria (?:irresponsavel|inapropriado|antietico))",
  ],
  others: [
    "\\b(?:encontr(?:ar|ei)|localizar|acesso|abrir|contexto|(?:nos|os) documentos|documentos (?:fornecidos|enviados)|informacoes suficientes|agenda)\\b",
    "\\bnao posso (?:acreditar|deixar de|esperar)\\b|\\bsuficiente(?:mente)?\\b",
  ],
};
