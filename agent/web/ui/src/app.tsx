// The one screen: header, what is abnormal, areas, everything else, health.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Alarms, Banners } from "./alarms";
import { AreaCard } from "./area";
import { Header } from "./header";
import { HealthPart } from "./health";
import { LoginDialog } from "./login";
import { Places } from "./places";
import { OtherPoints } from "./points";
import { ProbationBanner } from "./probation";
import { QuestionDialog } from "./question";
import { Sheet } from "./sheet";
import { useStore } from "./store";
import { currentLanguage, speak, text } from "./strings";

export function App(): JSX.Element {
  const [language, setLanguage] = useState(currentLanguage());
  const change = (): void => {
    const next = language === "en" ? "zh-CN" : "en";
    speak(next);
    setLanguage(next);
  };
  return <Screen key={language} onLanguage={change} />;
}

function Screen({ onLanguage }: { onLanguage: () => void }): JSX.Element {
  const areas = useStore((state) => state.areas);
  const connection = useStore((state) => state.connection);
  const open = useStore((state) => state.open);
  const health = useStore((state) => state.health);
  return (
    <div class={`screen ${connection}`}>
      <Header onLanguage={onLanguage} />
      <main>
        <Banners />
        <ProbationBanner />
        <Alarms />
        <Places />
        {health === null && <p class="empty">{text().loading}</p>}
        <div class="areas">
          {areas.map((area) => (
            <AreaCard key={area.id} area={area} />
          ))}
        </div>
        <OtherPoints />
      </main>
      <HealthPart />
      {open !== null && <Sheet key={open} id={open} />}
      <QuestionDialog />
      <LoginDialog />
    </div>
  );
}
